"""Figures for Prometheus: requests of this process, and what is in the database."""
