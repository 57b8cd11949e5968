"""Heals and groundings that wait for a person: seen, approved into the test, or rejected for good."""
