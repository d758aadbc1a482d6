"""A list of tickets: who stands in it, newest activity first, a page at a time, and how many there are.

The list is the merge of its walks (see `filters`). Each is asked for one page along its own index, and only those
few rows are sorted; a page goes on from the last row of the page before (keyset), never from a count of rows.
Counting stops at a hundred. The cost depends on the number of states, not of tickets. Called by the desk's pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from helpdesk.db import UTCDateTime, session
from helpdesk.errors import NotFound
from helpdesk.people.models import Address, Person
from helpdesk.tickets import policy
from helpdesk.tickets.filters import UNREAD, Filter, Walk
from helpdesk.tickets.models import Ticket, TicketTag, Unread
from helpdesk.workflows import revisions

PAGE = 50
MOST = 100  # counting stops here; more is said as "99+"
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
class Row:
    """A ticket as a list shows it."""

    id: int
    ref: str
    subject: str
    workflow: str
    state: str
    requester: str
    assignee: str
    group: str
    channel: str
    activity_at: datetime
    unread: bool
    tags: tuple[str, ...]


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
    places = _places(person, chosen, towards, after or before, limit=size + 1)
    more = len(places) > size
    if after and not more:  # nearly at the top: the whole first page, not the few rows that are left of it
        return page(person, chosen, size=size)
    places = places[:size] if towards == "older" else places[:size][::-1]
    return Page(
        rows(person, [place.id for place in places]),
        newer=places[0] if places and (after or before) else None,
        older=places[-1] if places and (after or more) else None,
    )


def rows(person: Person, ids: Sequence[int]) -> list[Row]:
    """The tickets of these ids that the person sees, in this order, as lists show them; two questions, however many."""
    if not ids:
        return []
    here = session()
    tags: dict[int, list[str]] = {}
    for ticket_id, name in here.execute(_tags(), {"ids": ids}):
        tags.setdefault(ticket_id, []).append(name)
    asked = here.execute(_shown(), {"ids": ids, "me": person.id})
    found = {row[0]: Row(*row, tuple(tags.get(row[0], ()))) for row in asked}
    visible = policy.visible_states(person)  # judged here: as a condition it would lure SQLite away from the ids
    return [row for each in ids if (row := found.get(each)) and (row.workflow, row.state) in visible]


@cache
def _tags() -> Select[int, str]:
    return select(TicketTag.ticket_id, TicketTag.name).where(TicketTag.ticket_id.in_(IDS)).order_by(TicketTag.name)


@cache
def _shown() -> Select[int, str, str, str, str, str, str, str, str, datetime, bool]:
    """All that a list shows of some tickets. Made once: building the question took longer than answering it."""
    requester, assignee = aliased(Person), aliased(Person)
    return (
        select(
            Ticket.id,
            Ticket.ref,
            Ticket.subject,
            Ticket.workflow,
            Ticket.state,
            _name(requester),
            _name(assignee),
            func.coalesce(Ticket.group, ""),
            Ticket.channel,
            Ticket.activity_at,
            Unread.ticket_id.is_not(None),
        )
        .join(requester, requester.id == Ticket.requester_id)
        .outerjoin(assignee, assignee.id == Ticket.assignee_id)
        .outerjoin(Unread, and_(Unread.ticket_id == Ticket.id, Unread.person_id == ME))
        .where(Ticket.id.in_(IDS))
    )


def counts(person: Person, lists: Sequence[Filter]) -> dict[str, int]:
    """How many tickets stand in each list, by its key; `MOST` means that many or more. One question for all of them.

    Lists with finished tickets are not counted: nobody works them off.
    """
    counted = [each for each in lists if each.walks and (each.key == UNREAD or not _has_final(each))]
    whole = {walk for each in counted for walk in each.walks if not walk.only and each.key != UNREAD}
    asked = [*whole, *(walk for each in counted for walk in each.walks if walk.only)]
    question = _counting(tuple(asked), policy.visible_states(person))
    answer: list[int] = list(session().execute(question, {"me": person.id, "limit": MOST}).one())
    *numbers, unread = answer
    number = dict(zip(asked, numbers, strict=True))
    sums = {each.key: min(MOST, sum(number[walk] for walk in each.walks)) for each in counted if each.key != UNREAD}
    return {**sums, UNREAD: unread}


def _places(person: Person, chosen: Filter, towards: Towards, start: Place | None, *, limit: int) -> list[Place]:
    """The next places of a list from `start` on, nearest first."""
    given = {"me": person.id, "limit": limit} | ({"at": start.at, "id": start.id} if start else {})
    if chosen.key == UNREAD:
        questions = [_marked(policy.visible_states(person), towards, start is not None)]
    else:
        parts = [chosen.walks[i : i + TOGETHER] for i in range(0, len(chosen.walks), TOGETHER)]
        questions = [_merged(part, towards, start is not None) for part in parts]
    found = [Place(at, number) for question in questions for at, number in session().execute(question, given)]
    return sorted(found, reverse=towards == "older")[:limit]


@lru_cache(maxsize=512)
def _merged(walks: tuple[Walk, ...], towards: Towards, continued: bool) -> Select[datetime, int]:
    """One page of each walk, put in order."""
    at, number = Ticket.activity_at, Ticket.id
    pages = [_paged(_walk(walk), at, number, towards, continued).subquery() for walk in walks]
    merged = union_all(*(select(each.c[0].label("at"), each.c[1].label("id")) for each in pages)).subquery()
    return _paged(select(merged.c.at, merged.c.id), merged.c.at, merged.c.id, towards)


@lru_cache(maxsize=512)
def _marked(
    visible: frozenset[tuple[str, str]], towards: Towards = "older", continued: bool = False
) -> Select[datetime, int]:
    """The person's unread marks on tickets they still see, by the mark's own time."""
    at, number = Unread.at, Unread.ticket_id
    marks = (
        select(at, number).join(Ticket, Ticket.id == number).where(Unread.person_id == ME, policy.in_states(visible))
    )
    return _paged(marks, at, number, towards, continued)


@lru_cache(maxsize=512)
def _counting(walks: tuple[Walk, ...], visible: frozenset[tuple[str, str]]) -> Select[Any]:
    """A row of bounded counts: one for each walk, and last the unread marks.

    In order too: without one PostgreSQL looks for the hundred by reading the table, and finds them at its far end.
    """
    parts = [_paged(_walk(walk), Ticket.activity_at, Ticket.id) for walk in walks] + [_marked(visible)]
    return select(*(select(func.count()).select_from(each.subquery()).scalar_subquery() for each in parts))


ME = bindparam("me", type_=Integer)
IDS = bindparam("ids", type_=Integer, expanding=True)
# Written into the statement, not bound: PostgreSQL plans by it, also once it keeps the plan.
LIMIT = bindparam("limit", type_=Integer, literal_execute=True)


def _walk(walk: Walk) -> Select[datetime, int]:
    """The tickets of a walk, not in order yet. Each kind of walk has its index: see `Ticket`."""
    only: dict[str, list[ColumnElement[bool]]] = {
        "": [],
        "mine": [Ticket.assignee_id == ME],
        "group": [Ticket.group == walk.group],
        "unassigned": [Ticket.assignee_id.is_(None), Ticket.group.is_(None)],
    }
    query = select(Ticket.activity_at, Ticket.id)
    return query.where(Ticket.workflow == walk.workflow, Ticket.state == walk.state, *only[walk.only])


def _paged(
    query: Select[datetime, int], at: Any, number: Any, towards: Towards = "older", continued: bool = False
) -> Select[datetime, int]:
    """A page of `query` along the order of (at, number), from the place bound as `at` and `id` on."""
    if continued:
        here, start = tuple_(at, number), tuple_(bindparam("at", type_=UTCDateTime()), bindparam("id", type_=Integer))
        query = query.where(here < start if towards == "older" else here > start)
    order = (at.desc(), number.desc()) if towards == "older" else (at.asc(), number.asc())
    return query.order_by(*order).limit(LIMIT)


def _name(person: Any) -> ColumnElement[str]:
    """What the person is called: the name, else the mail address; only looked up where there is no name."""
    address = (
        select(Address.value)
        .where(Address.person_id == person.id, Address.kind == "email")
        .order_by(Address.is_primary.desc(), Address.id)
        .limit(1)
        .scalar_subquery()
    )
    return case((person.name != "", person.name), else_=func.coalesce(address, ""))


def _has_final(chosen: Filter) -> bool:
    desk = revisions.active().desk
    return any(desk.workflows[walk.workflow].states[walk.state].final for walk in chosen.walks)
