"""Answers that are written while they are sent: files and pages that may be long.

Each piece is made in a context of its own, with a session and a transaction of its own, and nothing is held while the
piece is on its way: a reader who is slow, or gone, keeps no connection to the database and holds up no writer.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask.globals import request_ctx

AT_ONCE = 16_384  # characters of one piece: a template gives its page in crumbs


def streamed(crumbs: Iterator[str]) -> Iterator[bytes]:
    """The text in pieces, each made for this request as if it were one that begins now. Call it within the request."""
    request = request_ctx._get_current_object()  # type: ignore[attr-defined]

    def pieces() -> Iterator[bytes]:
        more = True
        while more:
            with request.copy():
                piece, more = _piece(crumbs)
            yield piece.encode()

    return pieces()


def _piece(crumbs: Iterator[str]) -> tuple[str, bool]:
    """The next piece, and whether there may be more."""
    held: list[str] = []
    size = 0
    for crumb in crumbs:
        held.append(crumb)
        size += len(crumb)
        if size >= AT_ONCE:
            return "".join(held), True
    return "".join(held), False
