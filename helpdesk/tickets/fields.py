"""The values of a ticket's own fields: reading, keeping and showing what the workflow file's `fields` ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select

from helpdesk.db import answer, session
from helpdesk.text import plain
from helpdesk.tickets import just_made
from helpdesk.tickets.models import FieldValue, Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field

HELD = select(FieldValue.name, FieldValue.value).where(FieldValue.ticket_id == bindparam("ticket"))
GIVEN = HELD.where(FieldValue.said_by_id == bindparam("person"))


def held(ticket: Ticket) -> dict[str, Any]:
    """The ticket's values by field name, as Python values. A value whose field left the file stays as its text."""
    if just_made.is_blank(ticket):
        return {}
    session().flush()  # what `keep` has just put there
    return understood(ticket, answer(HELD, ticket=ticket.id))


def given_by(ticket: Ticket, person_id: int) -> dict[str, Any]:
    """Of `held` what this person said last: all that a customer is told (attack 41)."""
    session().flush()
    return understood(ticket, answer(GIVEN, ticket=ticket.id, person=person_id))


def understood(ticket: Ticket, rows: Iterable[Any]) -> dict[str, Any]:
    """`held` from the rows that `HELD` asks for."""
    known = known_fields(ticket.workflow)
    currency = revisions.active().desk.company.currency
    return {
        name: field_types.get(known[name].type)().value_of(kept, currency=currency) if name in known else kept
        for name, kept in rows
    }


def keep(ticket: Ticket, values: Mapping[str, Any], *, by: int | None) -> None:
    """Store values on the ticket as said by this person (None = the desk); None clears one. Part of the transaction at
    hand.
    """
    here = session()
    known = known_fields(ticket.workflow)
    if values:
        just_made.filled(ticket)
    for name, value in values.items():
        row = here.get(FieldValue, (ticket.id, name))
        if value is None:
            if row is not None:
                here.delete(row)
            continue
        kind = field_types.get(known[name].type)()
        kept = kind.keep(value)
        key = " ".join(plain.tokens(kept))[:200]
        if row is None:
            row = FieldValue(ticket_id=ticket.id, name=name, value=kept, text_key=key)
            here.add(row)
        row.value, row.text_key, row.number_key = kept, key, kind.number_key(value)
        row.said_by_id = by


def drop(ticket: Ticket, names: Collection[str]) -> None:
    """Take values from the ticket that it carries no longer; the history has them. Part of the transaction at hand."""
    if names:
        session().execute(delete(FieldValue).where(FieldValue.ticket_id == ticket.id, FieldValue.name.in_(names)))


def known_fields(workflow: str) -> Mapping[str, Field]:
    """The fields a ticket of this workflow carries, in the file's order."""
    found = revisions.active().desk.workflows.get(workflow)
    return found.fields if found else {}


def shown(field: Field, value: Any) -> str:
    """A value as people read it."""
    return str(field_types.get(field.type)().show(value, field))
