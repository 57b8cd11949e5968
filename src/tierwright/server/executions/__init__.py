"""Runs: started, listed, looked into, followed live, cancelled and repeated."""
