"""What a ticket has to do with others: merged into one, split off from one, and the button that takes that back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.actions import parting
from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import in_order, policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Message, Ticket
from helpdesk.web.addresses import address
from helpdesk.web.form_fields import Choices
from helpdesk.workflows import revisions

OFFERED = 25  # newest other tickets of the requester to merge into
CHOSEN_FROM = 200  # newest messages to split off
SHOWN = 80  # characters of a message in the list to choose from


def linked(person: Person, ticket: Ticket) -> dict[str, Any]:
    """For desk/_linked.html: `to` is the ticket it went into or came from, `undo` the button that takes it back,
    `merged` the tickets that are part of this one.
    """
    other = ticket.survivor or ticket.origin
    return {
        "is_merged": ticket.survivor is not None,
        "to": _link(person, other) if other else None,
        "undo": _undo(person, ticket) if other else None,
        "merged": [_link(person, each) for each in ticket.merged],
    }


def others_of(person: Person, ticket: Ticket) -> Choices:
    """The tickets it can be merged into, newest first: those of the same requester that this person sees."""
    query = (
        select(Ticket.ref, Ticket.subject, Ticket.workflow, Ticket.state)
        .where(Ticket.requester_id == ticket.requester_id, Ticket.merged_into_id.is_(None), Ticket.id != ticket.id)
        .order_by(Ticket.activity_at.desc(), Ticket.id.desc())
        .limit(OFFERED)
    )
    visible = policy.visible_states(person)
    return [(row.ref, row.subject) for row in session().execute(query) if (row.workflow, row.state) in visible]


def messages_of(ticket: Ticket) -> Choices:
    """The ticket's own messages, oldest first, to choose from."""
    query = in_order.newest(select(Message), Message, of=ticket.id).options(joinedload(Message.author))
    rows: Sequence[Message] = session().scalars(query.limit(CHOSEN_FROM)).all()
    return [(str(each.id), _in_short(each)) for each in reversed(rows)]


def _in_short(message: Message) -> str:
    who = message.author.shown_name if message.author else _("The desk")
    text = " ".join(message.text.split())
    when = format_datetime(message.created_at, "short")
    return f"{who}, {when}: {text[:SHOWN]}{'…' if len(text) > SHOWN else ''}"


def _link(person: Person, other: Ticket) -> dict[str, Any]:
    seen = policy.sees(person, other)
    url = address("desk.ticket_page", ref=other.ref) if seen else None
    return {"ref": other.ref, "url": url, "subject": other.subject if seen else ""}


def _undo(person: Person, ticket: Ticket) -> dict[str, str] | None:
    """The button, if one of the workflow's actions that could have done it is this person's."""
    workflow, wanted = revisions.active().desk.workflows[ticket.workflow], parting.undone_by(ticket)
    for spec in workflow.actions.values():
        if spec.type == wanted and _may_undo(person, ticket, spec.name):
            label = _("Undo split") if wanted == "split" and ticket.survivor is None else _("Undo merge")
            return {"label": label, "url": address("desk.do", ref=ticket.ref, action=spec.name)}
    return None


def _may_undo(person: Person, ticket: Ticket, action: str) -> bool:
    try:
        policy.to_undo(ticket, action, staff(person))
    except NotFound:
        return False
    return True
