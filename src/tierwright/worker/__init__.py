"""Runs tests: pool, tries, shards, cancellation."""
