"""One ticket as a person may see it, as plain data: the object that `helpdesk ticket show --json` prints and the API
gives. What is not named here leaves by neither (attack 55).

A customer's view carries no note, no colleague's address, no event that is not theirs to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import fields, messages, policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Delivery, Event, Message, Ticket
from helpdesk.workflows import revisions


def load(person: Person, ref: str) -> tuple[Ticket, Actor]:
    """The ticket through this person, as staff where they see it so, else as its customer. Raises NotFound."""
    if person.is_staff:
        try:
            return _whole(policy.find(person, ref)), Actor("staff", person)
        except NotFound:
            pass  # perhaps it is their own request
    return _whole(policy.find(person, ref, as_customer=True)), Actor("customer", person)


def view(person: Person, ref: str) -> dict[str, Any]:
    """Everything this person may know of the ticket. Raises NotFound."""
    ticket, actor = load(person, ref)
    staff = actor.kind == "staff"
    deliveries = _deliveries(ticket, actor)
    return {
        "ref": ticket.ref,
        "workflow": ticket.workflow,
        "state": ticket.state,
        "state_label": _label(ticket, staff=staff),
        "subject": ticket.subject,
        "requester": ticket.requester.email,
        "assignee": ticket.assignee.email if staff and ticket.assignee else None,
        "group": ticket.group if staff else None,
        "version": ticket.version,
        "created_at": ticket.created_at.isoformat(),
        "fields": {name: plain_value(value) for name, value in _held(ticket, actor).items()},
        "actions": [action.name for action in (*policy.actions_for(ticket, actor), *policy.votes_for(ticket, actor))],
        "events": [_event(event, staff=staff) for event in _events(ticket, staff=staff)],
        "messages": [_message(each, deliveries, staff=staff) for each in _messages(ticket, actor)],
        "deliveries": [_delivery(delivery, staff=staff) for delivery in deliveries],
    }


def seen_by(person: Person, ref: str) -> dict[str, Any] | None:
    """The same, or None where the ticket has gone out of this person's sight."""
    try:
        return view(person, ref)
    except NotFound:
        return None


def _held(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    """The ticket's values; for its customer only those that the customer gave, as in the cabinet (attack 41)."""
    held = fields.held(ticket)
    if actor.kind == "staff":
        return held
    said_by: dict[str, int | None] = {}
    for event in _events(ticket, staff=True):
        said_by |= {each["name"]: event.actor_id for each in event.data.get("values") or ()}
    return {name: value for name, value in held.items() if said_by.get(name) == actor.person_id}


def _whole(ticket: Ticket) -> Ticket:
    query = (
        select(Ticket)
        .where(Ticket.id == ticket.id)
        .options(joinedload(Ticket.requester), joinedload(Ticket.assignee), selectinload(Ticket.tags))
    )
    return session().scalars(query.execution_options(populate_existing=True)).one()


def _events(ticket: Ticket, *, staff: bool) -> Sequence[Event]:
    query = select(Event).where(Event.ticket_id == ticket.id).options(joinedload(Event.actor)).order_by(Event.id)
    return session().scalars(query if staff else query.where(Event.for_customer)).all()


def _messages(ticket: Ticket, actor: Actor) -> Sequence[Message]:
    query = select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)
    query = query.options(joinedload(Message.author), selectinload(Message.attachments))
    if actor.kind != "staff" and actor.person is not None:
        query = query.where(messages.for_requester(actor.person.id))
    return session().scalars(query).all()


def _deliveries(ticket: Ticket, actor: Actor) -> Sequence[Delivery]:
    query = select(Delivery).where(Delivery.ticket_id == ticket.id).order_by(Delivery.id)
    if actor.kind != "staff":
        query = query.where(Delivery.person_id == actor.person_id, Delivery.role == "customer")
    return session().scalars(query).all()


def _event(event: Event, *, staff: bool) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "action": event.action,
        "label": event.data.get("label", ""),
        "actor": _who(event.actor, event.actor_kind, staff=staff),
        "actor_kind": event.actor_kind,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "revision": event.revision_id,
        "data": event.data if staff else {},
    }


def _message(message: Message, deliveries: Sequence[Delivery], *, staff: bool) -> dict[str, Any]:
    public = message.audience == "public"
    return {
        "id": message.id,
        "at": message.created_at.isoformat(),
        "kind": "message" if public else "note",
        "from": _who(message.author, message.author_kind, staff=staff),
        "to": _readers(message, deliveries) if public else [],
        "channel": message.channel,
        "text": message.text,
        "html": message.html or None,
        "attachments": [
            {name: getattr(file, name) for name in ("id", "filename", "content_type", "size", "sha256", "inline")}
            for file in message.attachments
        ],
        "warnings": message.warnings if staff else [],
    }


def _readers(message: Message, deliveries: Sequence[Delivery]) -> list[str]:
    """The addresses a message was mailed to."""
    return [each.recipient for each in deliveries if each.event_id == message.event_id and each.kind == "mail"]


def _delivery(delivery: Delivery, *, staff: bool) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "kind": delivery.kind,
        "event_id": delivery.event_id,
        "to": delivery.recipient,
        "role": delivery.role,
        "message_id": delivery.message_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "error": delivery.error if staff else "",
        "created_at": delivery.created_at.isoformat(),
        "sent_at": delivery.sent_at.isoformat() if delivery.sent_at else None,
    }


def _who(person: Person | None, kind: str, *, staff: bool) -> str:
    """An address for staff; for the customer their own, and the company's name for all of the house."""
    if not staff and kind != "customer":
        return revisions.active().desk.company.name
    return person.email if person else ""


def _label(ticket: Ticket, *, staff: bool) -> str:
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    if state is None:
        return ticket.state
    return state.label if staff else state.customer_label or state.label


def plain_value(value: Any) -> Any:
    """A field's value as JSON holds it; amounts stay exact, as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return list(value) if isinstance(value, tuple) else value
