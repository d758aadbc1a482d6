"""Whom an entry of `routing` prefers: the owner of the customer's other open ticket, whoever last answered (C10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import desc, select

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.people.naming import name_of
from helpdesk.tickets import in_order, policy
from helpdesk.tickets.models import Message, Ticket
from helpdesk.workflows import revisions

LOOKED_AT = 50  # newest tickets of a customer


@dataclass(frozen=True)
class Pointed:
    """Somebody an entry points at, and why, as a sentence without its end: “has R-7 of this customer”."""

    id: int
    name: str
    why: str


def pointed_at(word: str, ticket: Ticket) -> list[Pointed]:
    """The people this word means for the ticket, the best one first."""
    return WORDS[word](ticket)


def open_states() -> frozenset[tuple[str, str]]:
    """The (workflow, state) pairs in which there is work to do."""
    workflows = revisions.active().desk.workflows.values()
    return frozenset((w.name, s.name) for w in workflows for s in w.states.values() if not s.final)


def _ticket_owner(ticket: Ticket) -> list[Pointed]:
    query = (
        select(Ticket.ref, Person.id, name_of(Person))
        .join(Person, Person.id == Ticket.assignee_id)
        .where(Ticket.requester_id == ticket.requester_id, policy.in_states(open_states()), Ticket.id != ticket.id)
        .where(Ticket.merged_into_id.is_(None))
        .order_by(Ticket.activity_at.desc(), Ticket.id.desc())
        .limit(LOOKED_AT)
    )
    owners: dict[int, Pointed] = {}
    for ref, person, name in session().execute(query):
        owners.setdefault(person, Pointed(person, name or f"#{person}", f"has {ref} of this customer"))
    return list(owners.values())


def _last_agent(ticket: Ticket) -> list[Pointed]:
    tickets = (
        select(Ticket.id)
        .where(Ticket.requester_id == ticket.requester_id)
        .order_by(Ticket.activity_at.desc(), Ticket.id.desc())
        .limit(LOOKED_AT)
    )
    theirs = session().scalars(tickets).all()  # first, or SQLite would look for them among everybody's messages
    query = (
        select(Person.id, name_of(Person))
        .join(Message, Message.author_id == Person.id)
        .where(Message.ticket_id.in_(theirs), Message.author_kind == "staff", Message.audience == "public")
        .order_by(desc(in_order.sorted_by(Message.id)))
        .limit(1)
    )
    return [
        Pointed(person, name or f"#{person}", "answered this customer last")
        for person, name in session().execute(query)
    ]


WORDS: dict[str, Callable[[Ticket], list[Pointed]]] = {"ticket_owner": _ticket_owner, "last_agent": _last_agent}
