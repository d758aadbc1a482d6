"""Where to go next, when the address itself says so: only ever a path of ours (attack 70)."""

from __future__ import annotations

import re

from flask import request

from helpdesk.web.fragments import is_fragment
from helpdesk.web.readable import parts_of

# Browsers read `\` as `/` and drop tabs and line breaks, so none of these may stand in it.
PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def safe_next(value: str | None, default: str = "/") -> str:
    """`value` if it is a path on this very desk, else `default`."""
    return value if value and len(value) <= 2000 and PATH.fullmatch(value) else default


def this_page() -> str:
    """The page the visitor is on: what was asked for, or for a form or fragment the page it belongs to."""
    if is_fragment():
        return _path_of(request.headers.get("HX-Current-URL", ""))
    if request.method in ("GET", "HEAD"):
        return safe_next(request.full_path.removesuffix("?"))
    return _path_of(request.referrer or "")


def _path_of(url: str) -> str:
    parts = parts_of(url)
    return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""))
