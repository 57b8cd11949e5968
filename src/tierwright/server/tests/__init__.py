"""The tests of a project: stored as the YAML that people wrote, with every version."""
