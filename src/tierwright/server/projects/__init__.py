"""Projects: whose tests, runs and secrets belong together, and how they run."""
