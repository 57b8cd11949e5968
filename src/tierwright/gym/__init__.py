"""The gym: seeded changes of the user's own pages, and what the engine makes of them."""
