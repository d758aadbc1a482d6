"""The addresses of our own pages, each made once: a list names fifty tickets and the frame around it twenty places, the
same few for everybody, and making one takes as long as drawing the row it stands on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import request, url_for


def address(endpoint: str, **values: Any) -> str:
    """`url_for` for an address within this desk, whose values are texts, numbers or None."""
    return _made(request.script_root, endpoint, tuple(values.items()))


@lru_cache(maxsize=8192)
def _made(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))
