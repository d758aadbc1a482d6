"""The story of a ticket as the desk tells it: messages, what was done, what became of the mails, and payments.

The history is the thread: messages, deliveries and payments hang on their events. A long story is folded: the newest
part is read, and the rest on demand. Each part costs the same number of questions, however long the story is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from helpdesk.db import session
from helpdesk.people.models import Address, Person
from helpdesk.tickets.models import Delivery, Event, Message, Payment, Ticket

FOLDED = 50  # events shown at first, and with each turn of the page
OUTCOMES = 10  # newest events whose mails may still be on their way: their outcome is told anew when the bell rings


@dataclass(frozen=True)
class Chapter:
    """Some events of a ticket, oldest first, with all that hangs on them. `older`: where the part before ends."""

    events: Sequence[Event]
    messages: dict[int, list[Message]]
    deliveries: dict[int, list[Any]]
    payments: dict[int, Payment]
    people: dict[int, Any]
    older: int | None


def read(ticket: Ticket, *, before: int | None = None, after: int | None = None) -> Chapter:
    """The newest part of the story, the part before an event, or all that came after one."""
    chosen = select(Event).where(Event.ticket_id == ticket.id, Event.kind != "delivery")  # the mail's own row says it
    if after is not None:
        return _chapter(ticket, list(session().scalars(chosen.where(Event.id > after).order_by(Event.id).limit(200))))
    if before is not None:
        chosen = chosen.where(Event.id < before)
    events = list(session().scalars(chosen.order_by(Event.id.desc()).limit(FOLDED + 1)))
    more, events = len(events) > FOLDED, events[:FOLDED][::-1]
    return _chapter(ticket, events, older=events[0].id if more else None)


def outcomes(ticket: Ticket) -> dict[int, list[Any]]:
    """What became of the newest mails, by their event."""
    newest = _deliveries(ticket).order_by(Delivery.id.desc()).limit(OUTCOMES)
    return _by_event(list(session().execute(newest))[::-1])


def _chapter(ticket: Ticket, events: Sequence[Event], older: int | None = None) -> Chapter:
    if not events:
        return Chapter([], {}, {}, {}, {}, None)
    here, ids = session(), [event.id for event in events]
    said = select(Message).where(Message.event_id.in_(ids)).options(selectinload(Message.attachments))
    messages = list(here.scalars(said.order_by(Message.id)))
    mails = _deliveries(ticket).where(Delivery.event_id.between(ids[0], ids[-1])).order_by(Delivery.id)
    paid = select(Payment).where(Payment.ticket_id == ticket.id, Payment.event_id.between(ids[0], ids[-1]))
    payments = {payment.event_id: payment for payment in here.scalars(paid)}
    actors = {event.actor_id for event in events} | {message.author_id for message in messages}
    actors |= {payment.received_by_id for payment in payments.values()}
    return Chapter(
        events=events,
        messages=_by_event(messages),
        deliveries=_by_event(here.execute(mails)),
        payments=payments,
        people=people(actor for actor in actors if actor is not None),
        older=older,
    )


def people(ids: Iterable[int]) -> dict[int, Any]:
    """Who they are, as a story names them: a row of id, name and value (their address) each."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session().execute(
        select(Person.id, Person.name, Address.value)
        .outerjoin(Address, (Address.person_id == Person.id) & (Address.kind == "email"))
        .where(Person.id.in_(wanted))
        .order_by(Person.id, Address.is_primary, Address.id.desc())
    )
    return {row.id: row for row in rows}


def _deliveries(ticket: Ticket) -> Select[Any]:
    """The mails about a ticket without their frozen texts, which are long."""
    shown = (
        Delivery.event_id,
        Delivery.recipient,
        Delivery.role,
        Delivery.status,
        Delivery.attempts,
        Delivery.error,
        Delivery.created_at,
        Delivery.sent_at,
    )
    query: Select[Any] = select(*shown)  # type: ignore[assignment]
    return query.where(Delivery.ticket_id == ticket.id)


def _by_event(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.event_id].append(row)
    return dict(grouped)
