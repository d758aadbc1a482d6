"""The rows of `helpdesk ticket list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_
from sqlalchemy.orm import joinedload

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets import policy, search
from helpdesk.tickets.models import Ticket


def rows(
    person: Person, *, query: str | None, workflow: str | None, state: str | None, mine: bool, limit: int
) -> list[dict[str, Any]]:
    """The tickets this person may see, newest activity first (for staff's QUERY: newest mention first)."""
    as_staff = person.is_staff
    chosen = policy.visible_to(person) if as_staff else policy.requests_of(person)
    if workflow:
        chosen = chosen.where(Ticket.workflow == workflow)
    if state:
        chosen = chosen.where(Ticket.state == state)
    if mine:
        chosen = chosen.where(Ticket.assignee_id == person.id)
    if query and as_staff:
        found = _searched(person, query, chosen, limit)
    else:
        if query:
            chosen = chosen.where(or_(Ticket.ref == query, Ticket.subject.icontains(query, autoescape=True)))
        newest = chosen.order_by(Ticket.activity_at.desc(), Ticket.id.desc()).limit(limit)
        found = session().scalars(_whole(newest)).all()
    return [_row(ticket, as_staff=as_staff) for ticket in found]


def _searched(person: Person, query: str, chosen: Select[Ticket], limit: int) -> Sequence[Ticket]:
    """Page after page of what answers the words, until enough of it is among the chosen."""
    found: dict[int, Ticket] = {}
    older: int | None = None
    while True:
        hits, older = search.find(person, query, limit=limit, before=older)
        here = chosen.where(Ticket.id.in_([hit.id for hit in hits]))
        kept = {ticket.id: ticket for ticket in session().scalars(_whole(here))}
        found |= {hit.id: kept[hit.id] for hit in hits if hit.id in kept and hit.id not in found}
        if len(found) >= limit or older is None:
            return list(found.values())[:limit]


def _whole(chosen: Select[Ticket]) -> Select[Ticket]:
    people = (joinedload(Ticket.requester), joinedload(Ticket.assignee))
    return chosen.options(*people).execution_options(populate_existing=True)


def _row(ticket: Ticket, *, as_staff: bool) -> dict[str, Any]:
    return {
        "ref": ticket.ref,
        "workflow": ticket.workflow,
        "state": ticket.state,
        "subject": ticket.subject,
        "requester": ticket.requester.email,
        "assignee": ticket.assignee.email if as_staff and ticket.assignee else None,
        "group": ticket.group if as_staff else None,
        "activity_at": ticket.activity_at.isoformat(),
    }
