"""Everything that reads or touches a page."""
