"""Who may see a project, and what they may do in it."""
