"""The conversation as its customer may see it: public messages and own words, and the events that are for the customer.

Staff appear by name, or as the company where they gave none: never by address. What they filled in beside a message
stays inside; what the customer did is shown again. The result is what macros/timeline.html draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Subquery, desc, select, union
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.cabinet import states
from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.text import html as markup
from helpdesk.text import plain
from helpdesk.tickets import in_order, merged
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Delivery, Event, Message, Ticket
from helpdesk.tickets.payments import Payment
from helpdesk.web import attachments
from helpdesk.web.money import as_read, money
from helpdesk.web.shell import brand

Entry = dict[str, Any]
Part = tuple[int, int]  # the first and the last event of what is told

FOLDED = 50  # events told on one page
NEVER = 2**31 - 1  # an event later than all

MONEY, WORDS, MOVE = range(3)  # in which order what one event brought is told


def story(ticket: Ticket, person: Person, *, before: int | None = None) -> tuple[list[Entry], int | None]:
    """The newest entries, or those before an event, oldest first; and the event before which the next part ends."""
    of = _tickets(ticket, person)
    part, older = _part(ticket, person, of=of, before=before)
    return _told(ticket, person, part, of=of), older


def onward(ticket: Ticket, person: Person, *, after: int) -> tuple[list[Entry], int | None]:
    """The entries that come next after an event, and the last event of this part: for whoever reads all of the
    conversation from the beginning. None = there are no more.
    """
    of = _tickets(ticket, person)
    both = _ids(ticket, person, of=of).c.id
    later = select(both).where(both > after).order_by(in_order.sorted_by(both))
    ids = list(session().scalars(later.limit(FOLDED)))
    return (_told(ticket, person, (ids[0], ids[-1]), of=of), ids[-1]) if ids else ([], None)


def _tickets(ticket: Ticket, person: Person) -> Sequence[int]:
    """The tickets that are told as one. Asked for first: with the question for them within each other one, SQLite would
    look through everybody's messages.
    """
    return session().scalars(merged.told(ticket, person)).all()


def _told(ticket: Ticket, person: Person, part: Part, *, of: Sequence[int]) -> list[Entry]:
    messages, events = _messages(ticket, person, part, of=of), _events(part, of=of)
    payments = _payments(part, of=of)
    told = {event.id: event for event in events}
    spoken = {message.event_id for message in messages}
    told_payments = [payment for payment in payments if payment.event_id in told]
    entries = [
        *((message.event_id or 0, WORDS, _said(message, ticket, person, told)) for message in messages),
        *((payment.event_id, MONEY, _paid(payment, told[payment.event_id])) for payment in told_payments),
        *_moves(
            ticket,
            person,
            events,
            silent=spoken | {payment.event_id for payment in told_payments},
            mailed=_mailed(ticket, person, part),
        ),
    ]
    return [entry for _event, _rank, entry in sorted(entries, key=lambda each: each[:2])]


def _part(ticket: Ticket, person: Person, *, of: Sequence[int], before: int | None) -> tuple[Part, int | None]:
    """The first and the last event of the part that is told, and where the one before it ends, if there is one."""
    both = _ids(ticket, person, of=of).c.id
    newest = select(both).where(both < (before or NEVER)).order_by(desc(in_order.sorted_by(both)))
    ids = list(session().scalars(newest.limit(FOLDED + 1)))
    shown = ids[:FOLDED]
    return (shown[-1], shown[0]) if shown else (0, 0), shown[-1] if len(ids) > FOLDED else None


def _ids(ticket: Ticket, person: Person, *, of: Sequence[int]) -> Subquery:
    """The events that hold something for this customer."""
    said = select(Message.event_id.label("id")).where(*_readable(ticket, person, of=of))
    return union(said, select(Event.id).where(*_tellable(of))).subquery()


def _readable(ticket: Ticket, person: Person, *, of: Sequence[int]) -> list[Any]:
    """What was said, also on the person's requests that were merged into this one. A copy is left out where the
    original stands.
    """
    copied = (Message.ticket_id == ticket.id) | Message.copied_from_id.is_(None)
    return [Message.ticket_id.in_(of), copied, for_requester(person.id)]


def _tellable(of: Sequence[int]) -> list[Any]:
    return [Event.ticket_id.in_(of), Event.for_customer, Event.kind.in_(("opened", "ran", "filed", "moved"))]


def _messages(ticket: Ticket, person: Person, part: Part, *, of: Sequence[int]) -> Sequence[Message]:
    query = select(Message).where(*_readable(ticket, person, of=of), Message.event_id.between(*part))
    with_all = query.options(joinedload(Message.author), selectinload(Message.attachments))
    return session().scalars(with_all.order_by(Message.id)).all()


def _events(part: Part, *, of: Sequence[int]) -> Sequence[Event]:
    query = select(Event).where(*_tellable(of), Event.id.between(*part))
    return session().scalars(query.options(joinedload(Event.actor)).order_by(Event.id)).all()


def _payments(part: Part, *, of: Sequence[int]) -> Sequence[Payment]:
    query = select(Payment).where(Payment.ticket_id.in_(of), Payment.event_id.between(*part))
    return session().scalars(query.order_by(Payment.id)).all()


def _mailed(ticket: Ticket, person: Person, part: Part) -> dict[int | None, str]:
    """The subject of the mail that each event sent this very person, as it left, without the ticket's number."""
    mails = select(Delivery.event_id, Delivery.subject).where(
        Delivery.ticket_id == ticket.id,
        Delivery.event_id.between(*part),
        Delivery.kind == "mail",
        Delivery.person_id == person.id,
        Delivery.role == "customer",
    )
    return {event: text.removeprefix(f"[{ticket.ref}]").strip() for event, text in session().execute(mails)}


def _said(message: Message, ticket: Ticket, person: Person, told: Mapping[int, Event]) -> Entry:
    mine = message.author_id == person.id
    event = told.get(message.event_id or 0)
    entered = as_read(ticket, event) if event is not None and mine and event.actor_id == person.id else []
    return {
        "kind": "in" if mine else "out",
        "id": message.id,
        "mine": mine,
        "author": {"name": person.shown_name if mine else _name(message.author, message.author_kind), "email": ""},
        "at": message.created_at,
        "text": message.text,
        "html": _html(message, ticket) if message.html else None,
        "files": attachments.listed(message, lambda file_id: _file_url(ticket, file_id)),
        "given": [{"label": each["label"], "value": each["shown"]} for each in entered if each.get("shown")],
    }


def _html(message: Message, ticket: Ticket) -> Markup:
    """The message's own formatting with the pictures that came inside it; pictures from elsewhere stay away."""
    pictures = {each.content_id: _file_url(ticket, each.id) for each in message.attachments if each.content_id}
    return Markup(markup.resolve(message.html, cids=pictures))  # noqa: S704 - sanitised last of all


def _file_url(ticket: Ticket, file_id: int) -> str:
    return url_for("cabinet.file", ref=ticket.ref, attachment_id=file_id)


def _paid(payment: Payment, event: Event) -> Entry:
    shown = {each["name"]: each["shown"] for each in event.data.get("values") or []}
    return {
        "kind": "payment",
        "amount": money(payment.amount, payment.currency),
        "method": shown.get("method") or payment.method,
        "reference": payment.reference,
        "at": payment.received_at,
    }


def _moves(
    ticket: Ticket,
    person: Person,
    events: Sequence[Event],
    *,
    silent: set[int | None],
    mailed: dict[int | None, str],
) -> Iterable[tuple[int, int, Entry]]:
    """Lines for what happened: a new state, and what was done without a word, in the words of the mail about it."""
    for event in events:
        workflow = (event.data.get("moved") or {}).get("workflow") or event.workflow or ticket.workflow
        moved = event.to_state != event.from_state and event.kind != "opened"
        state = event.to_state if moved and not states.is_hidden(workflow, event.to_state) else None
        if event.ticket_id != ticket.id:  # of a merged request only what was said and paid is told
            continue
        if event.kind == "opened" or (state is None and event.id in silent):
            continue
        said = event.id in silent  # the message above it says who and what; only the new state is left to tell
        mail = mailed.get(event.id)
        by = _("You") if event.actor_id == person.id else _name(event.actor, event.actor_kind)
        yield (
            event.id,
            MOVE,
            {
                "kind": "event",
                "by": None if said else by,
                "says": _says(event, mail, said=said),
                "state": states.shown(workflow, state) if state else None,
                "icon": "arrow-right" if state else "mail" if mail else "circle",
                "at": event.at,
            },
        )


def _says(event: Event, mail: str | None, *, said: bool) -> str:
    if said:
        return _("Now:")
    return _("wrote to you: “%(subject)s”", subject=mail) if mail else event.data.get("label", "")


def _name(person: Person | None, kind: str) -> str:
    """Somebody else's name for a customer: never an address, and for the desk itself the company's name."""
    if kind in ("staff", "system") or person is None:
        name = person.name if person else ""
        return plain.unlinked(name) if name and "@" not in name else brand()
    return plain.unlinked(person.name) or _("Somebody else")
