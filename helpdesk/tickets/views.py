"""One ticket as a person may see it, as plain data: the object that `helpdesk ticket show --json` prints and the API
gives, with the newest of its `history`. What is not named here leaves by neither (attack 55).

A customer's view carries no colleague's address, and no value that the house filled in.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import joinedload

from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import fields, history, lists, policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.history import LISTS, Name
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions

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


def view(person: Person, ref: str, *, limit: int = lists.MOST) -> dict[str, Any]:
    """What this person may know of the ticket, of each list the newest `limit`; where there is more, `next` says for
    which lists and from where `part` goes on. Raises NotFound.
    """
    ticket, actor = load(person, ref)
    staff = actor.kind == "staff"
    parts = {name: history.page(ticket, actor, name, limit=limit) for name in LISTS}
    onward = {name: part.next for name, part in parts.items() if part.next is not None}
    held = fields.held(ticket) if staff else fields.given_by(ticket, person.id)
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
        "fields": {name: plain_value(value) for name, value in held.items()},
        "actions": [action.name for action in (*policy.actions_for(ticket, actor), *policy.votes_for(ticket, actor))],
        **{name: part.rows for name, part in parts.items()},
        **({"next": onward} if onward else {}),
    }


def part(person: Person, ref: str, name: Name, *, limit: int, before: str = "") -> dict[str, Any]:
    """A page of one list of the ticket, as `view` shows the newest: the list under its name, the oldest first, and
    `next`, from where older ones are shown (None = there are none). Raises NotFound, and Invalid for a wrong `before`.
    """
    found = history.page(*load(person, ref), name, limit=limit, before=before)
    return {name: found.rows, "next": found.next}


def seen_by(person: Person, ref: str) -> dict[str, Any] | None:
    """The same as `view`, or None where the ticket has gone out of this person's sight."""
    try:
        return view(person, ref)
    except NotFound:
        return None


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
