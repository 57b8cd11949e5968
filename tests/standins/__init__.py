"""Loopback servers that speak the wire protocols of outside services."""
