"""Schedules: runs that start by the clock."""
