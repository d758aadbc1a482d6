"""People's text: cleaning it, cutting it, searching it, and putting data into it."""
