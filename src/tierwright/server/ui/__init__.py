"""Serves the web interface, which `frontend/` is built into."""
