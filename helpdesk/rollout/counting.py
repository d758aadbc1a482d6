"""How many live tickets are where: counted by the database along the queue's index, never loaded. For `plan` and
`apply`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from helpdesk.db import session
from helpdesk.rollout.ways import Pair
from helpdesk.tickets.models import FieldValue, Ticket


def held() -> dict[Pair, int]:
    """The number of tickets in each state that has any, by (workflow, state)."""
    rows = select(Ticket.workflow, Ticket.state, func.count()).group_by(Ticket.workflow, Ticket.state)
    return {(workflow, state): count for workflow, state, count in session().execute(rows)}


def awake(pairs: Collection[Pair]) -> dict[Pair, int]:
    """The number of tickets in each of these states, without those that rest as a part of another one."""
    rows = (
        select(Ticket.workflow, Ticket.state, func.count())
        .where(in_any(pairs), Ticket.merged_into_id.is_(None))
        .group_by(Ticket.workflow, Ticket.state)
    )
    return {(workflow, state): count for workflow, state, count in session().execute(rows)}


def by_assignee(pairs: Collection[Pair]) -> list[tuple[Pair, int, int]]:
    """(state, number of the person, tickets) for each assignee in these states."""
    state = (Ticket.workflow, Ticket.state)
    rows = (  # all states, as they stand together in the index; to look each of them up takes many times as long
        select(*state, Ticket.assignee_id, func.count())
        .where(Ticket.assignee_id.is_not(None))
        .group_by(Ticket.assignee_id, *state)
    )
    found, wanted = session().execute(rows), {*pairs}
    return [
        ((workflow, state), person, count)
        for workflow, state, person, count in found
        if person is not None and (workflow, state) in wanted
    ]


def there_since(pair: Pair, moment: datetime) -> int:
    """How many tickets came into the state at `moment` or before. What rests in another ticket has no timers."""
    awake = Ticket.merged_into_id.is_(None)
    rows = select(func.count()).where(in_any([pair]), Ticket.entered_at <= moment, awake)
    return session().scalar(rows) or 0


def with_values(names: Sequence[str], workflow: str | None = None) -> dict[str, int]:
    """How many tickets (of a workflow) hold a value of each of these fields."""
    rows = select(FieldValue.name, func.count()).where(FieldValue.name.in_(names)).group_by(FieldValue.name)
    if workflow is not None:
        rows = rows.join(Ticket, Ticket.id == FieldValue.ticket_id).where(Ticket.workflow == workflow)
    return {name: count for name, count in session().execute(rows)} if names else {}  # noqa: C416 - rows are no pairs


def in_any(pairs: Collection[Pair]) -> ColumnElement[bool]:
    """The condition that a ticket is in one of these states."""
    return or_(false(), *(and_(Ticket.workflow == workflow, Ticket.state == state) for workflow, state in pairs))
