"""API tokens: for scripts, with scopes, shown once."""
