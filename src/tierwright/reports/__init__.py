"""Listeners that show what happened: console, JSON, JUnit, HTML."""
