"""A user's execution settings: how far steps climb, how long, how often."""
