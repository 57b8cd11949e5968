"""Signing in and out, one's own password, and API tokens."""
