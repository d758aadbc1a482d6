"""Whether a page's script asks for a piece of it: whoever draws pages answers with the piece alone."""

from __future__ import annotations

from flask import request


def is_fragment() -> bool:
    """Whether the page's script asks for a piece, not for the page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
