"""The web shop under test, in two versions, and the suite that tests it (docs/demo.md)."""
