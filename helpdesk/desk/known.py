"""What is known about a ticket, at its side: who asked, its fields, what comes by itself, what else they asked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import Integer, bindparam, select

from helpdesk.db import session
from helpdesk.desk import words
from helpdesk.desk.story import people
from helpdesk.people.models import Person
from helpdesk.tickets import fields, policy
from helpdesk.tickets.models import Follower, Payment, Ticket, Timer
from helpdesk.web.money import money
from helpdesk.workflows import revisions
from helpdesk.workflows.field_types import Money

OTHERS = 5
LOOKED_THROUGH = 25  # newest tickets of the requester, of which those in sight are shown

# The questions, built once.
_TICKET = bindparam("ticket", type_=Integer)
FOLLOWERS = select(Follower.person_id).where(Follower.ticket_id == _TICKET)
TIMERS = select(Timer.action, Timer.due_at).where(Timer.ticket_id == _TICKET).order_by(Timer.due_at, Timer.id)
PAYMENTS = select(Payment.amount, Payment.currency).where(Payment.ticket_id == _TICKET)
ASKED = (
    select(Ticket.id, Ticket.ref, Ticket.subject, Ticket.workflow, Ticket.state)
    .where(Ticket.requester_id == bindparam("requester"))
    .order_by(Ticket.activity_at.desc(), Ticket.id.desc())
    .limit(LOOKED_THROUGH)
)


def properties(person: Person, ticket: Ticket, held: Mapping[str, Any]) -> dict[str, Any]:
    """For desk/_props.html."""
    followers = session().scalars(FOLLOWERS, {"ticket": ticket.id}).all()
    return {
        "fields": [
            {"label": field.label, "value": _shown(ticket, name, held), "href": _href(field.type, held.get(name))}
            for name, field in fields.known_fields(ticket.workflow).items()
        ],
        "tags": [tag.name for tag in ticket.tags],
        "followers": [{"name": each.name or each.value} for each in people(followers).values()],
        "following": person.id in followers,
        "timers": _timers(ticket),
        "others": _others(person, ticket),
        "payments": _payments(ticket),
    }


def _shown(ticket: Ticket, name: str, held: Mapping[str, Any]) -> str:
    value = held.get(name)
    if isinstance(value, Money):
        return money(value, value.currency)
    return "" if value is None else fields.shown(fields.known_fields(ticket.workflow)[name], value)


def _href(kind: str, value: Any) -> str | None:
    """Where a value leads. The door took only web addresses that begin with http(s) (attack 11)."""
    return str(value) if kind == "url" and str(value or "").startswith(("https://", "http://")) else None


def _timers(ticket: Ticket) -> list[dict[str, Any]]:
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    rows = session().execute(TIMERS, {"ticket": ticket.id})
    return [
        {"label": workflow.actions[row.action].label, "at": row.due_at}
        for row in rows
        if workflow and row.action in workflow.actions
    ]


def _others(person: Person, ticket: Ticket) -> list[dict[str, Any]]:
    """Other tickets of the requester that this person sees. Sight is judged on the rows: as a condition it would lead
    SQLite away from the requester's own index."""
    visible = policy.visible_states(person)
    newest = session().execute(ASKED, {"requester": ticket.requester_id})
    rows = [row for row in newest if (row.workflow, row.state) in visible]
    return [
        {
            "ref": row.ref,
            "url": url_for("desk.ticket_page", ref=row.ref),
            "subject": row.subject,
            "state": words.state(row.workflow, row.state),
        }
        for row in rows
        if row.id != ticket.id
    ][:OTHERS]


def _payments(ticket: Ticket) -> dict[str, str] | None:
    rows = session().execute(PAYMENTS, {"ticket": ticket.id}).all()
    if not rows:
        return None
    sums: dict[str, Decimal] = {}
    for amount, currency in rows:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return {"paid": ", ".join(money(amount, currency) for currency, amount in sums.items()), "due": ""}
