"""The elements that tier 2 remembers of a project: seen and forgotten."""
