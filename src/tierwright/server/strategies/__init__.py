"""The three strategies, as the design describes them and as this installation measured them."""
