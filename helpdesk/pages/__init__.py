"""Pages that belong to no audience of their own: the home page, the public forms, what mailed links
open, the demo's letters, and in the workshop the style guide.
"""
