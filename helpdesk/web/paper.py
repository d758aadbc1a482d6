"""A conversation on paper: all of its parts, one after the other, for the pages of the desk and of the cabinet.

Knows no ticket: who asks for a page gives what reads a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, current_app
from flask_babel import get_timezone

from helpdesk import clock
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.web import shell, streaming

MOST = 5_000  # entries of one page for paper: some thousand sheets

Part = tuple[list[dict[str, Any]], int | None]  # entries as timelines have them; the event after which to go on


def page(template: str, person: Person, *, ticket: dict[str, Any], read: Callable[[int], Part]) -> Response:
    """The page, written while it is sent. `ticket`: what stands above the story, as plain data: the page is drawn when
    the transaction of the view is over. `read` gives what comes after an event.
    """
    crumbs = current_app.jinja_env.get_template(template).generate(
        brand=shell.brand(), ticket=ticket, reader=_reader(person), parts=_whole(read)
    )  # without the frame of other pages, which asks for its counts
    return Response(streaming.streamed(crumbs))


def _whole(read: Callable[[int], Part]) -> Iterator[list[dict[str, Any]]]:
    """The parts from the beginning on. Where something is left out, the last entry says so."""
    after: int | None = 0
    left = MOST
    while after is not None and left > 0:
        try:
            entries, after = read(after)
        except NotFound:  # it has gone out of the reader's sight while it was written
            yield [{"kind": "cut", "why": "gone"}]
            return
        yield entries[:left]
        left -= len(entries)
    if after is not None:
        yield [{"kind": "cut", "why": "long", "number": MOST}]


def _reader(person: Person) -> dict[str, Any]:
    """Who prints, when, and in which zone the page's times are."""
    return {"name": person.shown_name, "at": clock.now(), "zone": str(get_timezone())}
