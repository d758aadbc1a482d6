"""The story of a ticket as the desk tells it: messages, what was done, what became of the mails, and payments.

The history is the thread: messages, deliveries and payments hang on their events. A long story is folded: the newest
part is read, and the rest on demand. Each part costs two questions, however long the story is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Integer, Select, bindparam, desc, select

from helpdesk.db import answer
from helpdesk.people.models import Person
from helpdesk.people.naming import mail_of, name_of
from helpdesk.tickets import in_order
from helpdesk.tickets.models import Attachment, Delivery, Event, Message, Ticket
from helpdesk.tickets.payments import Payment
from helpdesk.tickets.together import Together

FOLDED = 50  # events shown at first, and with each turn of the page
OUTCOMES = 10  # newest events whose mails may still be on their way: their outcome is told anew when the bell rings
NEVER = 2**31 - 1  # an event later than all

# The questions, built once: each took longer to build than to answer.
_TICKETS = bindparam("tickets", type_=Integer, expanding=True)  # the ticket and those merged into it
_TICKET = bindparam("ticket", type_=Integer)
_BEFORE, _AFTER = bindparam("before", type_=Integer), bindparam("after", type_=Integer)
_FIRST, _LAST = bindparam("first", type_=Integer), bindparam("last", type_=Integer)
_EVENTS = (
    select(
        Event.id,
        Event.ticket_id,
        Event.at,
        Event.kind,
        Event.action,
        Event.actor_id,
        Event.actor_kind,
        Event.from_state,
        Event.to_state,
        Event.workflow,
        Event.data,
        name_of(Person).label("actor"),
    )
    .outerjoin(Person, Person.id == Event.actor_id)
    .where(Event.kind != "delivery")  # a mail's own row says it
)
_OF_ALL = select(Event.id).where(Event.ticket_id.in_(_TICKETS), Event.kind != "delivery")
Part = Mapping[bool, Select[*tuple[Any, ...]]]  # by whether other tickets were merged into the one that is read


def _before(most: int) -> Part:
    ids = _OF_ALL.where(Event.id < _BEFORE).order_by(desc(in_order.sorted_by(Event.id)))
    return {
        False: in_order.newest(_EVENTS, Event, of=_TICKET, before=_BEFORE).limit(most),
        True: _EVENTS.where(Event.id.in_(ids.limit(most))).order_by(Event.id.desc()),
    }


def _after(most: int) -> Part:
    ids = _OF_ALL.where(Event.id > _AFTER).order_by(in_order.sorted_by(Event.id))
    return {
        False: in_order.oldest(_EVENTS, Event, of=_TICKET, after=_AFTER).limit(most),
        True: _EVENTS.where(Event.id.in_(ids.limit(most))).order_by(Event.id),
    }


OLDER, ONWARD, NEWER = _before(FOLDED + 1), _after(FOLDED), _after(200)
SPOKEN = (  # what any message is shown with
    Message.id,
    Message.event_id,
    Message.conversation_id,
    Message.author_id,
    Message.author_kind,
    Message.text,
    Message.html,
    Message.quoted,
    Message.inbound_id,
    Message.warnings,
    Message.created_at,
    name_of(Person).label("author"),
    mail_of(Person).label("address"),
)
FILE = (
    Attachment.id,
    Attachment.message_id,
    Attachment.filename,
    Attachment.content_type,
    Attachment.size,
    Attachment.inline,
)
_SAID = (
    select(*SPOKEN, Message.audience, Message.channel, Message.copied_from_id)
    .outerjoin(Person, Person.id == Message.author_id)
    .where(Message.ticket_id.in_(_TICKETS), Message.event_id.between(_FIRST, _LAST))
)
_FILES = (
    select(*FILE)
    .join(Message, Message.id == Attachment.message_id)
    .where(Message.ticket_id.in_(_TICKETS), Message.event_id.between(_FIRST, _LAST))
)
MAILS = select(  # without their frozen texts, which are long
    Delivery.id,
    Delivery.kind,
    Delivery.event_id,
    Delivery.conversation_id,
    Delivery.recipient,
    Delivery.role,
    Delivery.status,
    Delivery.attempts,
    Delivery.error,
    Delivery.created_at,
    Delivery.sent_at,
)
_PAID = select(Payment.id, Payment.event_id, Payment.amount, Payment.currency, Payment.method, Payment.reference)
HANGING = Together(
    messages=_SAID,
    files=_FILES,
    mails=MAILS.where(Delivery.ticket_id.in_(_TICKETS), Delivery.event_id.between(_FIRST, _LAST)),
    payments=_PAID.where(Payment.ticket_id.in_(_TICKETS), Payment.event_id.between(_FIRST, _LAST)),
)
OUTCOME = in_order.newest(MAILS, Delivery, of=_TICKET).limit(OUTCOMES)


@dataclass(frozen=True)
class Chapter:
    """Some events of a ticket, oldest first, with the rows of all that hangs on them: messages, deliveries and
    payments by their event, files by their message. `older`: where the part before ends.
    """

    events: Sequence[Any]
    messages: dict[int, list[Any]]
    files: dict[int, list[Any]]
    deliveries: dict[int, list[Any]]
    payments: dict[int, Any]
    older: int | None


def read(ticket: Ticket, *, before: int | None = None, after: int | None = None) -> Chapter:
    """The newest part of the story, the part before an event, or all that came after one."""
    if after is not None:
        return _chapter(ticket, _events(ticket, NEWER, after=after))
    events = _events(ticket, OLDER, before=before or NEVER)
    more, events = len(events) > FOLDED, events[:FOLDED][::-1]
    return _chapter(ticket, events, older=events[0].id if more else None)


def onward(ticket: Ticket, *, after: int) -> Chapter:
    """The part of the story that comes next after an event: for whoever reads all of it from the beginning."""
    return _chapter(ticket, _events(ticket, ONWARD, after=after))


def ids(ticket: Ticket) -> list[int]:
    """The ticket and those merged into it, whose messages stand in its story."""
    return [ticket.id, *(each.id for each in ticket.merged)]


def outcomes(ticket: Ticket) -> dict[int, list[Any]]:
    """What became of the newest mails, by their event."""
    return _by("event_id", answer(OUTCOME, ticket=ticket.id))


def _events(ticket: Ticket, part: Part, **place: int) -> Sequence[Any]:
    if ticket.merged:
        return answer(part[True], tickets=ids(ticket), **place).all()
    return answer(part[False], ticket=ticket.id, **place).all()


def _chapter(ticket: Ticket, events: Sequence[Any], older: int | None = None) -> Chapter:
    if not events:
        return Chapter([], {}, {}, {}, {}, None)
    hanging = HANGING.ask(tickets=ids(ticket), first=events[0].id, last=events[-1].id)
    return Chapter(
        events=events,
        messages=_by("event_id", hanging["messages"]),
        files=_by("message_id", hanging["files"]),
        deliveries=_by("event_id", hanging["mails"]),
        payments={payment.event_id: payment for payment in hanging["payments"]},
        older=older,
    )


def _by(column: str, rows: Iterable[Any]) -> dict[int, list[Any]]:
    """The rows by this column, each part in the order in which they were written."""
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=attrgetter("id")):
        grouped[getattr(row, column)].append(row)
    return dict(grouped)
