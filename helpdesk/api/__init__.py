"""The REST API at /api/v1: for programs that bring a token (`web.bearer`). It shows what the token's person may see, by
the same policy as every page, and does what they may do, through the same two doors; nothing is decided here.
"""

from helpdesk.api import actions, docs, files, history, tickets
from helpdesk.api.blueprint import bp

__all__ = ["actions", "bp", "docs", "files", "history", "tickets"]
