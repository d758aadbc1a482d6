"""The story of a ticket as the desk tells it: messages, what was done, what became of the mails, and payments.

The history is the thread: messages, deliveries and payments hang on their events. A long story is folded: the newest
part is read, and the rest on demand. Each part costs the same number of questions, however long the story is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import joinedload

from helpdesk.db import session
from helpdesk.people.models import Address, Person
from helpdesk.tickets.models import Delivery, Event, Message, Payment, Ticket

FOLDED = 50  # events shown at first, and with each turn of the page
OUTCOMES = 10  # newest events whose mails may still be on their way: their outcome is told anew when the bell rings
NEVER = 2**31 - 1  # an event later than all

# The questions, built once: each took longer to build than to answer.
_TICKET = bindparam("ticket", type_=Integer)
_FIRST, _LAST = bindparam("first", type_=Integer), bindparam("last", type_=Integer)
_EVENTS = select(Event).where(Event.ticket_id == _TICKET, Event.kind != "delivery")  # a mail's own row says it
OLDER = _EVENTS.where(Event.id < bindparam("before")).order_by(Event.id.desc()).limit(FOLDED + 1)
NEWER = _EVENTS.where(Event.id > bindparam("after")).order_by(Event.id).limit(200)
SAID = (
    select(Message)
    .where(Message.event_id.in_(bindparam("events", expanding=True)))
    .options(joinedload(Message.attachments))
    .order_by(Message.id)
)
PAID = select(Payment).where(Payment.ticket_id == _TICKET, Payment.event_id.between(_FIRST, _LAST))
_MAILS = select(  # without their frozen texts, which are long
    Delivery.event_id,
    Delivery.recipient,
    Delivery.role,
    Delivery.status,
    Delivery.attempts,
    Delivery.error,
    Delivery.created_at,
    Delivery.sent_at,
).where(Delivery.ticket_id == _TICKET)
MAILED = _MAILS.where(Delivery.event_id.between(_FIRST, _LAST)).order_by(Delivery.id)
OUTCOME = _MAILS.order_by(Delivery.id.desc()).limit(OUTCOMES)
NAMED = (
    select(Person.id, Person.name, Address.value)
    .outerjoin(Address, (Address.person_id == Person.id) & (Address.kind == "email"))
    .where(Person.id.in_(bindparam("people", expanding=True)))
    .order_by(Person.id, Address.is_primary, Address.id.desc())
)


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
    here, asked = session(), {"ticket": ticket.id, "before": before or NEVER, "after": after or 0}
    if after is not None:
        return _chapter(ticket, list(here.scalars(NEWER, asked)))
    events = list(here.scalars(OLDER, asked))
    more, events = len(events) > FOLDED, events[:FOLDED][::-1]
    return _chapter(ticket, events, older=events[0].id if more else None)


def outcomes(ticket: Ticket) -> dict[int, list[Any]]:
    """What became of the newest mails, by their event."""
    return _by_event(list(session().execute(OUTCOME, {"ticket": ticket.id}))[::-1])


def _chapter(ticket: Ticket, events: Sequence[Event], older: int | None = None) -> Chapter:
    if not events:
        return Chapter([], {}, {}, {}, {}, None)
    here, ids = session(), [event.id for event in events]
    part = {"ticket": ticket.id, "first": ids[0], "last": ids[-1]}
    messages = list(here.scalars(SAID, {"events": ids}).unique())
    payments = {payment.event_id: payment for payment in here.scalars(PAID, part)}
    actors = {event.actor_id for event in events} | {message.author_id for message in messages}
    actors |= {payment.received_by_id for payment in payments.values()}
    return Chapter(
        events=events,
        messages=_by_event(messages),
        deliveries=_by_event(here.execute(MAILED, part)),
        payments=payments,
        people=people(actor for actor in actors if actor is not None),
        older=older,
    )


def people(ids: Iterable[int]) -> dict[int, Any]:
    """Who they are, as a story names them: a row of id, name and value (their address) each."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row.id: row for row in session().execute(NAMED, {"people": wanted})}


def _by_event(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.event_id].append(row)
    return dict(grouped)
