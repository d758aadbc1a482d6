"""What no page of ours ever asks for: a number greater than any row has, a NUL, which PostgreSQL cannot be asked about.
Whoever sends it made it up, so it is answered as any wrong address is and not logged as an error of ours.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1  # the key of a row


class RowNumber(IntegerConverter):
    """`<int:…>` of our addresses; no route fits a number that no row can have."""

    def __init__(self, map: Map, *args: Any, **named: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST, **named})


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
    app.before_request(_refuse_nul)


def number(text: str) -> int:
    """The number of a row in a query: `request.args.get("before", type=number)`. Raises ValueError for what is none."""
    found = int(text) if len(text) <= len(str(LARGEST)) + 1 else LARGEST + 1
    if not -LARGEST <= found <= LARGEST:
        raise ValueError("No row has this number.")
    return found


def parts_of(url: str) -> SplitResult:
    """The parts of an address that a header names; all of them empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _refuse_nul() -> None:
    if "\0" in request.path or any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        abort(400)
