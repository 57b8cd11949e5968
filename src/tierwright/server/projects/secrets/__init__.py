"""A project's secrets: written, used by its tests, and never shown again."""
