"""Test files and plain sentences, to and from core.steps."""
