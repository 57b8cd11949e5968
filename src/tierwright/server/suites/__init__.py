"""Suites: tests of a project in an order, run together."""
