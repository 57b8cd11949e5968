"""Web UI tests that survive the page changing and never survive the feature breaking."""

__version__ = "0.1.0"
