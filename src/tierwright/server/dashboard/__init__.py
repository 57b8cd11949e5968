"""How the projects are at a glance."""
