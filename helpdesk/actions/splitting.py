"""Splitting messages of a ticket off into a new one. The new ticket is opened by the other door (`intake`), which this
room does not know: it says here how (`opens`), and is imported by its name when it is first asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.people.models import Person
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Message, Ticket

HOME = "helpdesk.intake"


@dataclass(frozen=True)
class Part:
    """What is to become a ticket of its own."""

    origin: Ticket
    messages: Sequence[Message]
    requester: Person
    subject: str
    by: Actor


_opens: list[Callable[[Part], Ticket]] = []


def opens(door: Callable[[Part], Ticket]) -> Callable[[Part], Ticket]:
    """Decorator: the function that opens a ticket for a part."""
    _opens[:] = [door]
    return door


def split(run: Run) -> None:
    """Open a ticket with copies of the chosen messages. Raises Invalid for messages of another ticket."""
    ticket, wanted = run.ticket, run.values["messages"]
    query = (
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.id.in_(wanted))
        .options(selectinload(Message.attachments), joinedload(Message.author))
        .order_by(Message.id)
    )
    messages = session().scalars(query).all()
    if len(messages) != len(wanted):
        raise Invalid({"messages": "Some of these messages are not of this ticket."})
    importlib.import_module(HOME)
    subject = run.values.get("new_subject") or ticket.subject
    part = Part(ticket, messages, _whose(ticket, messages), subject, run.actor)
    opened = _opens[0](part)
    run.data["split"] = {"into": opened.id, "ref": opened.ref, "messages": [each.id for each in messages]}


def _whose(ticket: Ticket, messages: Sequence[Message]) -> Person:
    """The requester; or the one outsider who wrote all of it, so that nobody reads what another customer wrote (attack
    52).
    """
    authors = {each.author_id: each for each in messages}
    only = next(iter(authors.values()))
    if len(authors) == 1 and only.author is not None and only.author_kind == "other" and not only.author.is_staff:
        return only.author
    return ticket.requester
