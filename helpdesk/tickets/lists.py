"""The tickets a person may see, as plain data and a page at a time: what `helpdesk ticket list` prints and the API
gives.

Staff without words walk the same indexes as the desk's own lists (`queue`); words are looked for as on the desk's
search page; a customer goes through their own requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import joinedload

from helpdesk.db import session
from helpdesk.errors import Invalid, NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import filters, heard, policy, queue, search
from helpdesk.tickets.filters import Filter
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queue import Place

MOST = 200  # rows of one page
MOST_ROUNDS = 10  # pages of a search that are looked through for one page of what is asked besides

_WHOLE = (
    select(Ticket)
    .where(Ticket.id.in_(bindparam("ids", expanding=True)))
    .options(joinedload(Ticket.requester).joinedload(Person.addresses))
    .options(joinedload(Ticket.assignee).joinedload(Person.addresses))
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which tickets: `query` are words, a name or a number; `mine` those assigned to whoever asks."""

    query: str = ""
    workflow: str = ""
    state: str = ""
    mine: bool = False


@dataclass(frozen=True)
class Listed:
    """A page: its rows, and where the next one begins (None = there is none). A page of a search in which something
    else is asked too may hold fewer rows than it could.
    """

    rows: list[dict[str, Any]]
    next: str | None


def page(person: Person, asked: Asked, *, limit: int = 50, before: str = "") -> Listed:
    """The tickets this person may see, newest activity first (for staff's words: newest mention first; for a customer
    what they last heard of).

    `before`: the `next` of the page before. Raises Invalid for what is none.
    """
    if not person.is_staff:
        return _requests(person, asked, limit, before)
    if asked.query:
        return _searched(person, asked, limit, before)
    found = queue.page(person, _filter(person, asked), before=_place(before), size=limit)
    ids = [row.id for row in found.rows]
    return Listed(_rows(ids), str(found.older) if found.older else None)


def _filter(person: Person, asked: Asked) -> Filter:
    """The walks of everything this person sees, but for what is not asked."""
    seen = filters.find(person, "all")
    walks = [
        filters.Walk(walk.workflow, walk.state, "mine" if asked.mine else "")
        for walk in seen.walks
        if asked.workflow in ("", walk.workflow) and asked.state in ("", walk.state)
    ]
    return Filter("all", tuple(walks))


def _searched(person: Person, asked: Asked, limit: int, before: str) -> Listed:
    """Page after page of what answers the words, until there is something among it that is asked for."""
    older = number(before)
    for _round in range(MOST_ROUNDS):
        hits, older = search.find(person, asked.query, limit=limit, before=older)
        ids = [hit.id for hit in hits if _fits(hit, person, asked)]
        if ids or older is None:
            break
    return Listed(_rows(ids), str(older) if older else None)


def _fits(ticket: Ticket, person: Person, asked: Asked) -> bool:
    return (
        asked.workflow in ("", ticket.workflow)
        and asked.state in ("", ticket.state)
        and (not asked.mine or ticket.assignee_id == person.id)
    )


def _requests(person: Person, asked: Asked, limit: int, before: str) -> Listed:
    """A customer's own. Nobody assigns them anything."""
    chosen = policy.requests_of(person)
    if asked.workflow:
        chosen = chosen.where(Ticket.workflow == asked.workflow)
    if asked.state:
        chosen = chosen.where(Ticket.state == asked.state)
    if asked.mine:
        chosen = chosen.where(Ticket.assignee_id == person.id)
    if asked.query:
        chosen = chosen.where(or_(Ticket.ref == asked.query, Ticket.subject.icontains(asked.query, autoescape=True)))
    found = heard.newest(chosen, limit=limit + 1, before=_place(before))
    shown, more = found[:limit], len(found) > limit
    rows = _rows([place.id for place in shown], since={place.id: place.at for place in shown})
    return Listed(rows, str(shown[-1]) if more else None)


def _place(before: str) -> Place | None:
    try:
        return Place.read(before) if before else None
    except NotFound:
        raise Invalid({"before": NO_PAGE}) from None


def number(before: str) -> int | None:
    """A place that is the number of a row; None where the list begins. Raises Invalid for what is none."""
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise Invalid({"before": NO_PAGE})
    return int(before) if before else None


NO_PAGE = "There is no such page. Take `next` of the page before as it is."


def _rows(ids: Sequence[int], *, since: Mapping[int, datetime] | None = None) -> list[dict[str, Any]]:
    """`since`: for the requester, when they last heard of each; without it the rows are for staff."""
    if not ids:
        return []
    tickets: Mapping[int, Ticket] = {each.id: each for each in session().scalars(_WHOLE, {"ids": ids}).unique()}
    return [_row(tickets[each], since[each] if since else None) for each in ids if each in tickets]


def _row(ticket: Ticket, since: datetime | None) -> dict[str, Any]:
    as_staff = since is None
    return {
        "ref": ticket.ref,
        "workflow": ticket.workflow,
        "state": ticket.state,
        "subject": ticket.subject,
        "requester": ticket.requester.email,
        "assignee": ticket.assignee.email if as_staff and ticket.assignee else None,
        "group": ticket.group if as_staff else None,
        "activity_at": (since or ticket.activity_at).isoformat(),
    }
