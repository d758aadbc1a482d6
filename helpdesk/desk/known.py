"""What is known about a ticket, at its side: who asked, its fields, what comes by itself, what else they asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, bindparam, select

from helpdesk.desk import words
from helpdesk.desk.promised import promised
from helpdesk.desk.story import ids
from helpdesk.people.models import Person
from helpdesk.people.naming import name_of
from helpdesk.tickets import fields, policy
from helpdesk.tickets.models import Follower, Ticket, Timer, Unread
from helpdesk.tickets.payments import AskedPayment, Payment
from helpdesk.tickets.together import Together
from helpdesk.tickets.waiting import WaitingReply
from helpdesk.web.addresses import address
from helpdesk.web.money import money
from helpdesk.workflows import revisions
from helpdesk.workflows.field_types import Money

OTHERS = 5
LOOKED_THROUGH = 25  # newest tickets of the requester, of which those in sight are shown

_TICKET = bindparam("ticket", type_=Integer)
_TICKETS = bindparam("tickets", type_=Integer, expanding=True)
_FOLLOWERS = select(Follower.person_id, name_of(Person).label("name")).join(Person, Person.id == Follower.person_id)
_ASKED = (
    select(Ticket.id, Ticket.ref, Ticket.subject, Ticket.workflow, Ticket.state, Ticket.activity_at.label("at"))
    .where(Ticket.requester_id == bindparam("requester", type_=Integer), Ticket.merged_into_id.is_(None))
    .order_by(Ticket.activity_at.desc(), Ticket.id.desc())
    .limit(LOOKED_THROUGH)
)
BESIDE = Together(
    values=fields.HELD,
    followers=_FOLLOWERS.where(Follower.ticket_id == _TICKET),
    timers=select(Timer.id, Timer.action, Timer.due_at.label("at")).where(
        Timer.ticket_id == _TICKET, Timer.kind == "timer"
    ),
    payments=select(
        Payment.id, Payment.amount, Payment.currency, Payment.method, Payment.received_at.label("at")
    ).where(Payment.ticket_id.in_(_TICKETS)),
    owed=select(
        AskedPayment.id,
        AskedPayment.amount,
        AskedPayment.currency,
        AskedPayment.received,
        AskedPayment.closed_as,
        AskedPayment.asked_at.label("at"),
    ).where(AskedPayment.ticket_id.in_(_TICKETS)),
    asked=_ASKED,
    marks=select(Unread.person_id).where(Unread.ticket_id == _TICKET, Unread.person_id == bindparam("me")),
    waits=select(WaitingReply.id)
    .where(WaitingReply.ticket_id == _TICKET, WaitingReply.person_id == bindparam("me"))
    .limit(1),
)
Beside = Mapping[str, Sequence[Any]]


def beside(person: Person, ticket: Ticket) -> Beside:
    """The rows of all that stands beside the story, and this person's unread mark and whether a reply of theirs
    waits; one question."""
    return BESIDE.ask(ticket=ticket.id, tickets=ids(ticket), requester=ticket.requester_id, me=person.id)


def properties(person: Person, ticket: Ticket, found: Beside) -> dict[str, Any]:
    """For desk/_props.html."""
    held = fields.understood(ticket, ((row.name, row.value) for row in found["values"]))
    followers = sorted(found["followers"], key=attrgetter("person_id"))
    return {
        "fields": [
            {"label": field.label, "value": _shown(ticket, name, held), "href": _href(field.type, held.get(name))}
            for name, field in fields.known_fields(ticket.workflow).items()
        ],
        "tags": [tag.name for tag in ticket.tags],
        "followers": [{"name": each.name} for each in followers],
        "following": any(each.person_id == person.id for each in followers),
        "promises": promised(ticket),
        "timers": _timers(ticket, found["timers"]),
        "others": _others(person, ticket, found["asked"]),
        "payments": _payments(ticket, found["payments"], found["owed"]),
    }


def _shown(ticket: Ticket, name: str, held: Mapping[str, Any]) -> str:
    value = held.get(name)
    if isinstance(value, Money):
        return money(value, value.currency)
    return "" if value is None else fields.shown(fields.known_fields(ticket.workflow)[name], value)


def _href(kind: str, value: Any) -> str | None:
    """Where a value leads. The door took only web addresses that begin with http(s) (attack 11)."""
    return str(value) if kind == "url" and str(value or "").startswith(("https://", "http://")) else None


def _timers(ticket: Ticket, rows: Sequence[Any]) -> list[dict[str, Any]]:
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    return [
        {"label": workflow.actions[row.action].label, "at": row.at}
        for row in sorted(rows, key=attrgetter("at", "id"))
        if workflow and row.action in workflow.actions
    ]


def _others(person: Person, ticket: Ticket, asked: Sequence[Any]) -> list[dict[str, Any]]:
    """Other tickets of the requester that this person sees. Sight is judged on the rows: as a condition it would lead
    SQLite away from the requester's own index."""
    visible = policy.visible_states(person)
    rows = [row for row in asked if (row.workflow, row.state) in visible and row.id != ticket.id]
    return [
        {
            "ref": row.ref,
            "url": address("desk.ticket_page", ref=row.ref),
            "subject": row.subject,
            "state": words.state(row.workflow, row.state),
        }
        for row in sorted(rows, key=attrgetter("at", "id"), reverse=True)[:OTHERS]
    ]


def _payments(ticket: Ticket, paid: Sequence[Any], owed: Sequence[Any]) -> dict[str, Any] | None:
    """What was asked and what came, oldest first; beside it the sums."""
    if not paid and not owed:
        return None
    sums: dict[str, Decimal] = {}
    for row in sorted(paid, key=attrgetter("id")):
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
    due = [money(row.amount - row.received, row.currency) for row in owed if not row.closed_as]
    lines = [(row.at, 0, _asked(row)) for row in owed] + [(row.at, 1, _came(ticket, row)) for row in paid]
    return {
        "paid": ", ".join(money(amount, currency) for currency, amount in sums.items()),
        "due": ", ".join(due),
        "lines": [line for _at, _rank, line in sorted(lines, key=lambda each: each[:2])] if owed else [],
    }


def _asked(row: Any) -> dict[str, Any]:
    label = _("asked, then replaced") if row.closed_as == "replaced" else _("asked")
    return {"amount": money(row.amount, row.currency), "label": label, "at": row.at, "icon": "receipt"}


def _came(ticket: Ticket, row: Any) -> dict[str, Any]:
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    known = (getattr(action.options, "methods", {}) for action in workflow.actions.values()) if workflow else ()
    method = next((methods[row.method] for methods in known if row.method in methods), row.method)
    label = _("received, %(method)s", method=method)
    return {"amount": money(row.amount, row.currency), "label": label, "at": row.at, "icon": "banknote"}
