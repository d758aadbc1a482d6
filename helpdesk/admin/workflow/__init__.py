"""The workflow in the browser: its text with findings as you type, the diagram beside it, a form of each part, its
tests, its plan, its history, who may do what, and what the desk looks like for somebody else. For administrators.
"""

from helpdesk.admin.workflow import applying, drawing, enclosing, letters, page, parts, past, rights, seeing, trying

__all__ = ["applying", "drawing", "enclosing", "letters", "page", "parts", "past", "rights", "seeing", "trying"]
