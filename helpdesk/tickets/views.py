"""One ticket as a person may see it, as plain data: the object that `helpdesk ticket show --json` prints and the API
gives. What is not named here leaves by neither (attack 55).

A customer's view carries no note, no colleague's address, no event that is not theirs to see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.text import plain
from helpdesk.tickets import fields, policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Delivery, Event, Message, Ticket
from helpdesk.workflows import revisions

SOMEBODY = "Somebody else"  # who has said no name

_WHOLE = (
    joinedload(Ticket.requester).joinedload(Person.addresses),
    joinedload(Ticket.assignee).joinedload(Person.addresses),
    joinedload(Ticket.tags),
)
"""Loaded with the ticket, in the same question."""


def load(person: Person, ref: str) -> tuple[Ticket, Actor]:
    """The ticket through this person, as staff where they see it so, else as its customer. Raises NotFound."""
    if person.is_staff:
        try:
            return policy.find(person, ref, options=_WHOLE), Actor("staff", person)
        except NotFound:
            pass  # perhaps it is their own request
    return policy.find(person, ref, as_customer=True, options=_WHOLE), Actor("customer", person)


def view(person: Person, ref: str) -> dict[str, Any]:
    """Everything this person may know of the ticket. Raises NotFound."""
    ticket, actor = load(person, ref)
    staff = actor.kind == "staff"
    deliveries = _deliveries(ticket, actor)
    readers = _readers(deliveries)
    events = _events(ticket)
    messages = _messages(ticket, actor)  # while the events keep their people
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
        "fields": {name: plain_value(value) for name, value in _held(ticket, actor, events).items()},
        "actions": [action.name for action in (*policy.actions_for(ticket, actor), *policy.votes_for(ticket, actor))],
        "events": [_event(ticket, event, staff=staff) for event in events if staff or event.for_customer],
        "messages": [_message(each, readers, staff=staff) for each in messages],
        "deliveries": [_delivery(delivery, staff=staff) for delivery in deliveries],
    }


def seen_by(person: Person, ref: str) -> dict[str, Any] | None:
    """The same, or None where the ticket has gone out of this person's sight."""
    try:
        return view(person, ref)
    except NotFound:
        return None


def _held(ticket: Ticket, actor: Actor, events: Sequence[Event]) -> dict[str, Any]:
    """The ticket's values; for its customer only those that the customer gave, as in the cabinet (attack 41)."""
    held = fields.held(ticket)
    if actor.kind == "staff":
        return held
    said_by: dict[str, int | None] = {}
    for event in events:
        said_by |= {each["name"]: event.actor_id for each in event.data.get("values") or ()}
    return {name: value for name, value in held.items() if said_by.get(name) == actor.person_id}


def _events(ticket: Ticket) -> Sequence[Event]:
    query = select(Event).where(Event.ticket_id == ticket.id).options(joinedload(Event.actor)).order_by(Event.id)
    return session().scalars(query).all()


def _messages(ticket: Ticket, actor: Actor) -> Sequence[Message]:
    query = select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)
    author = joinedload(Message.author).lazyload(Person.addresses)  # read with the events: who wrote is who acted
    query = query.options(author, selectinload(Message.attachments))
    if actor.kind != "staff" and actor.person is not None:
        query = query.where(for_requester(actor.person.id))
    return session().scalars(query).all()


def _deliveries(ticket: Ticket, actor: Actor) -> Sequence[Delivery]:
    query = select(Delivery).where(Delivery.ticket_id == ticket.id).order_by(Delivery.id)
    if actor.kind != "staff":
        query = query.where(Delivery.person_id == actor.person_id, Delivery.role == "customer")
    return session().scalars(query).all()


def _event(ticket: Ticket, event: Event, *, staff: bool) -> dict[str, Any]:
    workflow = event.workflow or ticket.workflow  # it may have moved since
    led_to = (event.data.get("moved") or {}).get("workflow") or workflow
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "action": event.action,
        "label": event.data.get("label", ""),
        "actor": _who(event.actor, event.actor_kind, staff=staff),
        "actor_kind": event.actor_kind,
        "from_state": _state(workflow, event.from_state, staff=staff),
        "to_state": _state(led_to, event.to_state, staff=staff),
        "revision": event.revision_id,
        "data": event.data if staff else {},
    }


def _state(workflow: str, name: str | None, *, staff: bool) -> str | None:
    """The name of a state; for a customer None where it is hidden from them, or not in the file any more."""
    return name if staff or (workflow, name) in policy.open_to_customers() else None


def _message(message: Message, readers: Mapping[int, list[str]], *, staff: bool) -> dict[str, Any]:
    public = message.audience == "public"
    mailed = public or message.conversation_id is not None
    return {
        "id": message.id,
        "at": message.created_at.isoformat(),
        "kind": "message" if public else "note",
        "from": _who(message.author, message.author_kind, staff=staff),
        "to": list(readers.get(message.event_id or 0, ())) if mailed else [],
        "channel": message.channel,
        "text": message.text,
        "html": message.html or None,
        "attachments": [
            {name: getattr(file, name) for name in ("id", "filename", "content_type", "size", "sha256", "inline")}
            for file in message.attachments
        ],
        "warnings": message.warnings if staff else [],
        "side_conversation": message.conversation_id,  # nobody but staff reads a message that has one
    }


def _readers(deliveries: Sequence[Delivery]) -> Mapping[int, list[str]]:
    """The addresses that what an event said was mailed to, by the event."""
    found: dict[int, list[str]] = defaultdict(list)
    for each in deliveries:
        if each.kind == "mail" and each.event_id is not None:
            found[each.event_id].append(each.recipient)
    return found


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
    """An address for staff; for the customer their own, the company's name for all of the house, and of anybody else
    the name.
    """
    if not staff and kind == "other":
        return plain.unlinked(person.name if person else "") or SOMEBODY
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
