"""A list of tickets: who stands in it, newest activity first, a page at a time.

The list is the merge of its walks (see `filters`). Each is asked for one page along its own index, and only those
few rows are sorted; a page goes on from the last row of the page before (keyset), never from a count of rows.
The cost depends on the number of states, not of tickets. What is due stands the other way round: the soonest first,
along the index of promises. Called by the desk's pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, bindparam, literal_column, select, true, tuple_, union_all

from helpdesk.db import UTCDateTime, session
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import policy, rows
from helpdesk.tickets.filters import DUE, UNREAD, Filter, Only, Walk
from helpdesk.tickets.models import Ticket, Unread
from helpdesk.tickets.rows import ME, Row

PAGE = 50
TOGETHER = 200  # walks merged in one statement; SQLite takes at most 500 parts

Towards = Literal["older", "newer"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Where in a list a row stands. Written in addresses as `microseconds.id`."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """The place an address names. Raises NotFound for what is none."""
        moment, _, number = text.partition(".")
        if not (moment.isdecimal() and number.isdecimal() and len(moment) < 17 and len(number) < 10):
            raise NotFound("There is no such page.")
        return cls(_EPOCH + timedelta(microseconds=int(moment)), int(number))


@dataclass(frozen=True)
class Page:
    """A page of a list, and the places the pages before and after it go on from (None = there is none)."""

    rows: list[Row]
    newer: Place | None
    older: Place | None


def page(
    person: Person, chosen: Filter, *, before: Place | None = None, after: Place | None = None, size: int = PAGE
) -> Page:
    """A page of the list: what is older than `before`, or what is newer than `after`, or else the newest."""
    towards: Towards = "newer" if after else "older"
    found = _from(person, chosen, towards, after or before, limit=size + 1)
    more = len(found) > size
    if after and not more:  # nearly at the top: the whole first page, not the few rows that are left of it
        return page(person, chosen, size=size)
    found = found[:size] if towards == "older" else found[:size][::-1]
    places = [place for place, _ in found]
    return Page(
        [row for _, row in found],
        newer=places[0] if places and (after or before) else None,
        older=places[-1] if places and (after or more) else None,
    )


def marks(visible: frozenset[tuple[str, str]]) -> Select[datetime, int]:
    """The person's unread marks on tickets they still see.

    Sight is judged mark by mark: as a join it would lead PostgreSQL to read all tickets of a small desk.
    """
    in_sight = select(policy.in_states(visible)).where(Ticket.id == Unread.ticket_id).scalar_subquery()
    return select(Unread.at.label("at"), Unread.ticket_id.label("id")).where(Unread.person_id == ME, in_sight)


def due(states: frozenset[tuple[str, str]]) -> Select[datetime | None, int]:
    """The tickets in these states of which something was promised whose clock runs.

    The states are judged ticket by ticket: as plain conditions they would lure SQLite to their index, and to sorting.
    """
    running = (Ticket.due_at.is_not(None), Ticket.merged_into_id.is_(None))
    return select(Ticket.due_at.label("at"), Ticket.id).where(*running, policy.in_states(states).is_(true()))


def whose(only: Only, group: str) -> list[ColumnElement[bool]]:
    """The condition of a walk beside its state. Each kind has its index: see `Ticket`."""
    conditions: dict[Only, list[ColumnElement[bool]]] = {
        "": [],
        "mine": [Ticket.assignee_id == ME],
        "group": [Ticket.group == group],
        "unassigned": [Ticket.assignee_id.is_(None), Ticket.group.is_(None)],
    }
    return conditions[only]


def _from(
    person: Person, chosen: Filter, towards: Towards, start: Place | None, *, limit: int
) -> list[tuple[Place, Row]]:
    """The next rows of a list from `start` on, nearest first. Its walks lead only through states the person sees."""
    given = {"me": person.id} | ({"at": start.at, "id": start.id} if start else {})
    goes_on = start is not None
    if chosen.key == UNREAD:
        questions = [_marked(policy.visible_states(person), towards, goes_on, limit)]
    elif chosen.key == DUE:
        questions = [_due(chosen.states, towards, goes_on, limit)]
    else:
        parts = [chosen.walks[i : i + TOGETHER] for i in range(0, len(chosen.walks), TOGETHER)]
        questions = [_merged(part, towards, goes_on, limit) for part in parts]
    asked = (session().execute(question, given) for question in questions)
    found = [(Place(at, row.id), row) for answer in asked for at, *values in answer for row in [rows.read(values)]]
    return sorted(found, key=lambda each: each[0], reverse=(towards == "older") is not (chosen.key == DUE))[:limit]


@lru_cache(maxsize=512)
def _merged(walks: tuple[Walk, ...], towards: Towards, goes_on: bool, limit: int) -> Select[Any]:
    """One page of each walk, put in order. Built once: that took longer than the answer."""
    at, number = Ticket.activity_at, Ticket.id
    pages = [_paged(_walk(walk), at, number, towards, goes_on, limit).subquery() for walk in walks]
    merged = union_all(*(select(each.c[0].label("at"), each.c[1].label("id")) for each in pages)).subquery()
    return _shown(_paged(select(merged.c.at, merged.c.id), merged.c.at, merged.c.id, towards, False, limit))


@lru_cache(maxsize=512)
def _marked(visible: frozenset[tuple[str, str]], towards: Towards, goes_on: bool, limit: int) -> Select[Any]:
    """The person's unread marks, by the mark's own time."""
    return _shown(_paged(marks(visible), Unread.at, Unread.ticket_id, towards, goes_on, limit))


@lru_cache(maxsize=512)
def _due(states: frozenset[tuple[str, str]], towards: Towards, goes_on: bool, limit: int) -> Select[Any]:
    """What is due in these states, walked the other way round: what comes before in time comes before in the list."""
    turned: Towards = "newer" if towards == "older" else "older"
    return _shown(_paged(due(states), Ticket.due_at, Ticket.id, turned, goes_on, limit))


def _shown(page: Select[Any, int]) -> Select[Any]:
    """The rows of a page's places, each with its place's time before it."""
    places = page.subquery("places")
    return rows.shown(places.c.at, places=places)


def _walk(walk: Walk) -> Select[datetime, int]:
    """The tickets of a walk, not in order yet."""
    query = select(Ticket.activity_at, Ticket.id).where(Ticket.merged_into_id.is_(None))
    return query.where(Ticket.workflow == walk.workflow, Ticket.state == walk.state, *whose(walk.only, walk.group))


def _paged(
    query: Select[Any, int], at: Any, number: Any, towards: Towards, goes_on: bool, limit: int
) -> Select[Any, int]:
    """A page of `query` along the order of (at, number), from the place bound as `at` and `id` on.

    The limit is written into the statement: PostgreSQL plans by it, also once it keeps the plan.
    """
    if goes_on:
        here, start = tuple_(at, number), tuple_(bindparam("at", type_=UTCDateTime()), bindparam("id", type_=Integer))
        query = query.where(here < start if towards == "older" else here > start)
    order = (at.desc(), number.desc()) if towards == "older" else (at.asc(), number.asc())
    return query.order_by(*order).limit(literal_column(str(limit)))
