"""The three tiers, which do not know each other."""
