"""What happened on a ticket, what was said and what was sent out, as plain data and a page at a time: `views` shows the
newest of each list, and the API and `helpdesk ticket show` go on from there. What is not named here leaves by neither
(attack 55).

Each page is read along the list's own index. A customer's carries no note, no colleague's address, no event that is not
theirs to see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Select, select

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.people.naming import mail_of
from helpdesk.text import plain
from helpdesk.tickets import in_order, lists, policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.lists import Listed
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Attachment, Delivery, Event, Message, Ticket
from helpdesk.workflows import revisions

Name = Literal["events", "messages", "deliveries"]
Question = Select[*tuple[Any, ...]]

SOMEBODY = "Somebody else"  # who has said no name


def page(ticket: Ticket, actor: Actor, name: Name, *, limit: int, before: str = "") -> Listed:
    """The newest of a list, or those before a place, the oldest first. `next` is where the page of older ones begins.

    `before`: the `next` of the page before. Raises Invalid for what is none.
    """
    model, asked, told = LISTS[name]
    place = in_order.NEVER if (given := lists.number(before)) is None else given
    newest = in_order.newest(asked(actor), model, of=ticket.id, before=place)
    found = session().execute(newest.limit(limit + 1)).all()
    shown, more = found[:limit][::-1], len(found) > limit
    return Listed(told(ticket, actor, shown), str(shown[0].id) if more else None)


def _events(actor: Actor) -> Question:
    query = select(*_EVENT).outerjoin(Person, Person.id == Event.actor_id)
    return query if actor.kind == "staff" else query.where(Event.for_customer)


def _messages(actor: Actor) -> Question:
    query = select(*_MESSAGE).outerjoin(Person, Person.id == Message.author_id)
    return query if actor.kind == "staff" else query.where(for_requester(actor.person_id or 0))


def _deliveries(actor: Actor) -> Question:
    query = select(*_DELIVERY)
    if actor.kind == "staff":
        return query
    return query.where(Delivery.person_id == actor.person_id, Delivery.role == "customer")


def _happened(ticket: Ticket, actor: Actor, events: Sequence[Any]) -> list[dict[str, Any]]:
    return [_event(ticket, each, staff=actor.kind == "staff") for each in events]


def _said(ticket: Ticket, actor: Actor, messages: Sequence[Any]) -> list[dict[str, Any]]:
    readers, files = _readers(ticket, actor, messages), _files(messages)
    return [
        _message(each, readers.get(each.event_id, []), files.get(each.id, []), staff=actor.kind == "staff")
        for each in messages
    ]


def _sent(_ticket: Ticket, actor: Actor, deliveries: Sequence[Any]) -> list[dict[str, Any]]:
    return [_delivery(each, staff=actor.kind == "staff") for each in deliveries]


_WHO = (Person.name, mail_of(Person).label("address"))
_EVENT = (
    Event.id,
    Event.at,
    Event.kind,
    Event.workflow,
    Event.action,
    Event.actor_kind,
    Event.from_state,
    Event.to_state,
    Event.revision_id,
    Event.data,
    *_WHO,
)
_MESSAGE = (
    Message.id,
    Message.event_id,
    Message.conversation_id,
    Message.author_kind,
    Message.audience,
    Message.channel,
    Message.text,
    Message.html,
    Message.warnings,
    Message.created_at,
    *_WHO,
)
_FILE = (
    Attachment.id,
    Attachment.filename,
    Attachment.content_type,
    Attachment.size,
    Attachment.sha256,
    Attachment.inline,
)
_DELIVERY = (  # without the texts it was made of, which are long
    Delivery.id,
    Delivery.kind,
    Delivery.event_id,
    Delivery.recipient,
    Delivery.role,
    Delivery.message_id,
    Delivery.status,
    Delivery.attempts,
    Delivery.error,
    Delivery.created_at,
    Delivery.sent_at,
)
LISTS: Mapping[Name, tuple[Any, Callable[[Actor], Question], Callable[..., list[dict[str, Any]]]]] = {
    "events": (Event, _events, _happened),
    "messages": (Message, _messages, _said),
    "deliveries": (Delivery, _deliveries, _sent),
}


def _readers(ticket: Ticket, actor: Actor, messages: Sequence[Any]) -> Mapping[int | None, list[str]]:
    """The addresses that what the events of these messages said was mailed to, by the event."""
    events = [each.event_id for each in messages if each.event_id is not None]
    found: dict[int | None, list[str]] = defaultdict(list)
    if events:
        theirs = (Delivery.ticket_id == ticket.id, Delivery.event_id.in_(events), Delivery.kind == "mail")
        mails = _deliveries(actor).where(*theirs).with_only_columns(Delivery.id, Delivery.event_id, Delivery.recipient)
        for mail in sorted(session().execute(mails), key=lambda mail: mail.id):
            found[mail.event_id].append(mail.recipient)
    return found


def _files(messages: Sequence[Any]) -> Mapping[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if messages:
        of_these = Attachment.message_id.in_([each.id for each in messages])
        for message_id, *file in session().execute(
            select(Attachment.message_id, *_FILE).where(of_these).order_by(Attachment.id)
        ):
            found[message_id].append(dict(zip((each.key for each in _FILE), file, strict=True)))
    return found


def _event(ticket: Ticket, event: Any, *, staff: bool) -> dict[str, Any]:
    workflow = event.workflow or ticket.workflow  # it may have moved since
    led_to = (event.data.get("moved") or {}).get("workflow") or workflow
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "action": event.action,
        "label": event.data.get("label", ""),
        "actor": _who(event, event.actor_kind, staff=staff),
        "actor_kind": event.actor_kind,
        "from_state": _state(workflow, event.from_state, staff=staff),
        "to_state": _state(led_to, event.to_state, staff=staff),
        "revision": event.revision_id,
        "data": event.data if staff else {},
    }


def _state(workflow: str, name: str | None, *, staff: bool) -> str | None:
    """The name of a state; for a customer None where it is hidden from them, or not in the file any more."""
    return name if staff or (workflow, name) in policy.open_to_customers() else None


def _message(message: Any, readers: list[str], files: list[dict[str, Any]], *, staff: bool) -> dict[str, Any]:
    public = message.audience == "public"
    mailed = public or message.conversation_id is not None
    return {
        "id": message.id,
        "at": message.created_at.isoformat(),
        "kind": "message" if public else "note",
        "from": _who(message, message.author_kind, staff=staff),
        "to": [*readers] if mailed else [],
        "channel": message.channel,
        "text": message.text,
        "html": message.html or None,
        "attachments": files,
        "warnings": message.warnings if staff else [],
        "side_conversation": message.conversation_id,  # nobody but staff reads a message that has one
    }


def _delivery(delivery: Any, *, staff: bool) -> dict[str, Any]:
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


def _who(row: Any, kind: str, *, staff: bool) -> str:
    """An address for staff; for the customer their own, the company's name for all of the house, and of anybody else
    the name.
    """
    if not staff and kind == "other":
        return plain.unlinked(row.name or "") or SOMEBODY
    if not staff and kind != "customer":
        return revisions.active().desk.company.name
    return row.address or ""
