"""The names that conditions and texts of the workflow file may use, as plain dicts (WORKFLOW.md, "One language").

Nothing but what is declared there is reachable: no object, no setting, no secret (attack 42). Text that belongs to an
unverified customer can be left out, so that a receipt never carries a stranger's words to a victim (attack 33).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.text import plain
from helpdesk.tickets import approvals, in_order, payments
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rich import Rich
from helpdesk.workflows import revisions
from helpdesk.workflows.conditions import variables
from helpdesk.workflows.schema import Action

MOST_SAID = 200  # messages of a ticket that a text quotes
WORDLESS = (Decimal, date, bool, int, float)  # kinds of values that nobody can write an advertisement with


def of_ticket(
    ticket: Ticket,
    *,
    actor: Actor,
    fields: Mapping[str, Any],
    action: Action | None = None,
    message: Rich | None = None,
    conditions: Iterable[str] = (),
) -> dict[str, Any]:
    """All names for `ticket` (its people loaded) as `actor` runs `action`. A text gets its `links` and `history` later.

    `conditions`: the expressions that will be asked; what costs a question is only looked up where one mentions it.
    """
    asked = {path[:2] for expression in conditions for path in variables(expression)}
    roots = {path[0] for path in asked}
    known = {
        "ticket": _ticket(ticket) | ({"text": first_text(ticket)} if ("ticket", "text") in asked else {}),
        "fields": dict(fields),
        "customer": of_person(ticket.requester),
        "actor": {"name": actor.name, "email": actor.person.email if actor.person else "", "kind": actor.kind},
        "action": {
            "name": action.name if action else "",
            "label": action.label if action else "",
            "message": {"text": message.text if message else "", "html": message.html if message else ""},
        },
        "company": of_company(),
    }
    if "history" in roots:
        known["history"] = history(ticket, mentioned_in="history")
    if "links" in roots:
        known["links"] = {path[1]: there_is(path[1], ticket) for path in asked if path[0] == "links" and path[1:]}
    return known


def there_is(link: str, ticket: Ticket) -> bool:
    """What a condition sees of `links.<link>`, which is signed for nobody yet: whether there is such a link at all."""
    if link == "pay":
        return payments.asked(ticket) is not None
    if link == "approve":
        return approvals.open_round(ticket) is not None
    if link in ("rate", "reopen"):
        workflow = revisions.active().desk.workflows.get(ticket.workflow)
        actions = workflow.actions.values() if workflow else ()
        return any(each.type == link and each.customer in ("run", "own") for each in actions)
    return link in ("cabinet", "desk")


def of_person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": plain.unlinked(person.name),
        "email": person.email,
        "phone": person.phone,
        "company": person.company.name if person.company else "",
        "category": person.category,
        "language": person.language,
        "city": person.city,
        "country": person.country,
    }


def of_company() -> dict[str, Any]:
    company = revisions.active().desk.company
    return {"name": company.name, "url": company.url}


def without_words(names: dict[str, Any]) -> dict[str, Any]:
    """The same names with everything left out that a stranger could have filled with text of their own (attack 33).

    Amounts, numbers, dates and yes or no stay: a price that was quoted must reach whoever shall pay it.
    """
    ticket = {**names["ticket"], "subject": "", "text": ""}
    customer = {name: value if name in ("id", "email", "language") else "" for name, value in names["customer"].items()}
    action = {**names["action"], "message": {"text": "", "html": ""}}
    return {
        **names,
        "ticket": ticket,
        "customer": customer,
        "action": action,
        "fields": {name: value for name, value in names["fields"].items() if isinstance(value, WORDLESS)},
        "history": {"customer": "", "staff": ""},
    }


def with_words(names: dict[str, Any], ticket: Ticket, *, mentioned_in: str) -> dict[str, Any]:
    """The names with what was said about the ticket, as far as a text mentions it."""
    first = first_text(ticket) if "ticket.text" in mentioned_in else ""
    return {
        **names,
        "history": history(ticket, mentioned_in=mentioned_in),
        "ticket": {**names["ticket"], "text": first},
    }


def history(ticket: Ticket, *, mentioned_in: str) -> dict[str, str]:
    """The last that was said, oldest first, for the customer and for staff; only worked out when a template mentions
    it. Each begins with a line that says so when there was more.
    """
    if "history" not in mentioned_in:
        return {"customer": "", "staff": ""}
    return {"customer": _said(ticket, for_requester(ticket.requester_id)), "staff": _said(ticket)}


def _said(ticket: Ticket, *which: ColumnElement[bool]) -> str:
    newest = in_order.newest(select(Message).where(*which), Message, of=ticket.id)
    rows = session().scalars(newest.limit(MOST_SAID + 1)).all()
    said = [f"{_in_words(row.created_at)}\n{row.text}" for row in rows[:MOST_SAID]]
    more = ["[…] Earlier messages are left out."] if len(rows) > MOST_SAID else []
    return "\n\n".join([*more, *reversed(said)])


def first_text(ticket: Ticket) -> str:
    """What the request began with."""
    first = in_order.oldest(select(Message.text).where(Message.audience == "public"), Message, of=ticket.id)
    return session().scalar(first.limit(1)) or ""


def _ticket(ticket: Ticket) -> dict[str, Any]:
    active = revisions.active()
    workflow = active.desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    return {
        "ref": ticket.ref,
        "number": ticket.id,
        "subject": ticket.subject,
        "workflow": ticket.workflow,
        "state": ticket.state,
        "state_label": state.label if state else ticket.state,
        "customer_state": (state.customer_label or state.label) if state else ticket.state,
        "priority": ticket.priority,
        "source": ticket.source,
        "channel": ticket.channel,
        "language": ticket.language,
        "tags": [tag.name for tag in ticket.tags],
        "created_at": _in_words(ticket.created_at),
        "updated_at": _in_words(ticket.updated_at),
        "due_first_response": _in_words(ticket.due_first_response) if ticket.due_first_response else "",
        "due_resolution": _in_words(ticket.due_resolution) if ticket.due_resolution else "",
        "text": "",
        "assignee": ticket.assignee.shown_name if ticket.assignee else "",
        "group": ticket.group or "",
    }


def _in_words(moment: datetime) -> str:
    """A time on the company's clock."""
    zone = ZoneInfo(revisions.active().desk.company.timezone)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
