"""Pages that belong to no audience of their own: the home page, information, and in the workshop the style guide."""
