"""A whole list of tickets, a portion at a time: for files that hold all of it.

Each portion asks anew what the person may see, and may be read in a transaction of its own: a download of an hour goes
no further than its reader's rights. Tickets that somebody works on meanwhile move up in the list; so the walk looks at
its top once more in the end. Each ticket comes once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets import filters, queue, rows, search
from helpdesk.tickets.rows import Row

PORTION = 500

Look = Callable[[Person, Any], tuple[list[Row], Any]]  # from a place on: its rows, and where the next portion begins


def listed(key: str) -> Look:
    """The list of this name. Raises NotFound, when it is asked, for one that the person does not have."""

    def look(person: Person, place: Any) -> tuple[list[Row], Any]:
        page = queue.page(person, filters.find(person, key), before=place, size=PORTION)
        return page.rows, page.older

    return look


def found(words: str) -> Look:
    """What a search for these words finds."""

    def look(person: Person, place: Any) -> tuple[list[Row], Any]:
        tickets, older = search.find(person, words, limit=PORTION, before=place)
        return rows.of(person, [ticket.id for ticket in tickets]), older

    return look


def portions(person_id: int, look: Look) -> Iterator[list[Row]]:
    """The tickets of what `look` shows this person, each once."""
    met: set[int] = set()
    for again in (False, True):
        place = None
        while True:
            person = session().get_one(Person, person_id)
            shown, place = look(person, place)
            new = [row for row in shown if row.id not in met]
            met.update(row.id for row in new)
            if new:
                yield new
            if place is None or (again and not new):
                break
