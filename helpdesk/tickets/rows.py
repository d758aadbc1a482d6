"""A ticket as lists show it, read for the places of a page (`queue`) or for tickets that a search found.

One question, with the names of people, the asker's mark and the tags in it: on PostgreSQL each is a journey.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import aliased

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.people.naming import name_of
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket, TicketTag, Unread

BETWEEN = "\x1f"  # stands between the tags of a row; nobody can type it into one

ME = bindparam("me", type_=Integer)
_IDS = bindparam("ids", type_=Integer, expanding=True)


class Row(NamedTuple):
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
    due_at: datetime | None  # the next promise whose clock runs
    at_risk: bool  # it has been warned of
    unread: bool
    tags: tuple[str, ...]


def of(person: Person, ids: Sequence[int]) -> list[Row]:
    """The tickets of these ids that the person sees, in this order."""
    if not ids:
        return []
    asked = session().execute(_found(), {"ids": ids, "me": person.id})
    found = {row[0]: read(row) for row in asked}
    visible = policy.visible_states(person)  # judged here: as a condition it would lure SQLite away from the ids
    return [row for each in ids if (row := found.get(each)) and (row.workflow, row.state) in visible]


def read(values: Sequence[Any]) -> Row:
    """A row from what `shown` asks for."""
    *facts, tags = values
    return Row._make((*facts, tuple(sorted(tags.split(BETWEEN))) if tags else ()))


def shown(*first: ColumnElement[Any], places: FromClause | None = None) -> Select[Any]:
    """The question for rows: the columns `first`, then those of `Row`. `places`: a subquery whose `id` names the
    tickets.
    """
    requester, assignee = aliased(Person), aliased(Person)
    asked = select(
        *first,
        Ticket.id,
        Ticket.ref,
        Ticket.subject,
        Ticket.workflow,
        Ticket.state,
        name_of(requester),
        name_of(assignee),
        func.coalesce(Ticket.group, ""),
        Ticket.channel,
        Ticket.activity_at,
        Ticket.due_at,
        Ticket.at_risk,
        Unread.ticket_id.is_not(None),
        _tags(),
    )
    tickets = asked.select_from(Ticket) if places is None else asked.join_from(places, Ticket, Ticket.id == places.c.id)
    return (
        tickets.join(requester, requester.id == Ticket.requester_id)
        .outerjoin(assignee, assignee.id == Ticket.assignee_id)
        .outerjoin(Unread, and_(Unread.ticket_id == Ticket.id, Unread.person_id == ME))
    )


@cache
def _found() -> Select[Any]:
    """Made once: building the question took longer than answering it."""
    return shown().where(Ticket.id.in_(_IDS))


def _tags() -> ColumnElement[str]:
    """The ticket's tags in one text, in no order."""
    names = func.aggregate_strings(TicketTag.name, BETWEEN)
    return select(names).where(TicketTag.ticket_id == Ticket.id).scalar_subquery()
