"""The columns of a list as a file: what the list shows, who and when, and the fields of its workflows.

Every cell of text passes `text.cells`: names, subjects, labels and values are what people wrote (attack 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, bindparam, select

from helpdesk.desk import words
from helpdesk.people.models import Person
from helpdesk.people.naming import mail_of
from helpdesk.text.cells import cell
from helpdesk.tickets import fields
from helpdesk.tickets.models import FieldValue, Ticket
from helpdesk.tickets.rows import Row
from helpdesk.tickets.together import Together
from helpdesk.workflows import revisions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field

_IDS = bindparam("ids", type_=Integer, expanding=True)
_FACTS = select(Ticket.id, Ticket.created_at.label("at"), mail_of(Person).label("address"))
BESIDE = Together(
    facts=_FACTS.join(Person, Person.id == Ticket.requester_id).where(Ticket.id.in_(_IDS)),
    values=select(FieldValue.ticket_id.label("id"), FieldValue.name, FieldValue.value).where(
        FieldValue.ticket_id.in_(_IDS)
    ),
)

Values = dict[int, dict[str, str]]


def of_workflows(workflows: Iterable[str]) -> dict[str, Field]:
    """The fields that tickets of these workflows carry, each name once, in the file's order."""
    carried: dict[str, Field] = {}
    for workflow in workflows:
        for name, field in fields.known_fields(workflow).items():
            carried.setdefault(name, field)
    return carried


def heads(carried: Mapping[str, Field]) -> list[str]:
    """The first line. Two fields with one label are told apart by their names."""
    labels = [field.label for field in carried.values()]
    return [
        cell(str(head))
        for head in (
            _("Number"),
            _("Subject"),
            _("State"),
            _("Workflow"),
            _("Requester"),
            _("Requester's address"),
            _("Assignee"),
            _("Group"),
            _("Tags"),
            _("Unread"),
            _("Due (UTC)"),
            _("Created (UTC)"),
            _("Last activity (UTC)"),
            *(
                field.label if labels.count(field.label) == 1 else f"{field.label} ({name})"
                for name, field in carried.items()
            ),
        )
    ]


def lines(rows: Sequence[Row], carried: Mapping[str, Field]) -> list[list[str]]:
    """A line for each ticket; one question for all of them."""
    beside = BESIDE.ask(ids=[row.id for row in rows])
    facts = {fact.id: fact for fact in beside["facts"]}
    values: Values = {}
    for each in beside["values"]:
        values.setdefault(each.id, {})[each.name] = each.value
    return [_line(row, facts[row.id], values.get(row.id, {}), carried) for row in rows]


def _line(row: Row, fact: Any, held: Mapping[str, str], carried: Mapping[str, Field]) -> list[str]:
    workflow = revisions.active().desk.workflows.get(row.workflow)
    told = (
        row.ref,
        row.subject,
        words.state(row.workflow, row.state)["label"],
        workflow.label if workflow else row.workflow,
        row.requester,
        fact.address or "",
        row.assignee,
        words.group(row.group),
        ", ".join(row.tags),
        _("yes") if row.unread else "",
    )
    times = (_moment(row.due_at), _moment(fact.at), _moment(row.activity_at))
    known = fields.known_fields(row.workflow)
    return [
        *(cell(str(text)) for text in told),
        *times,
        *(_value(known[name], held[name]) if name in known and name in held else "" for name in carried),
    ]


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _value(field: Field, kept: str) -> str:
    """As people read it; a number bare, so that a spreadsheet can reckon with it."""
    kind = field_types.get(field.type)()
    value = kind.value_of(kept, currency=revisions.active().desk.company.currency)
    return format(value, "f") if isinstance(value, Decimal) else cell(str(kind.show(value, field)))
