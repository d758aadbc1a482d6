"""What a change of the desk means for promises that were made: in which workflows they are reckoned anew, on how many
tickets. Asked by `plan` and by the migration, so that what is said is what is done.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from helpdesk.db import session
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.ways import Pair
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import levels
from helpdesk.workflows.schema import Desk

MOST = 10_000  # tickets that are counted one by one; where there are more, only that is said


def changed(before: Desk, after: Desk) -> tuple[str, ...]:
    """The workflows that promise something else, or reckon it by another working time."""
    both = [name for name in after.workflows if name in before.workflows]
    return tuple(name for name in both if levels.mark(before, name) != levels.mark(after, name))


def open_promises(before: Desk, workflow: str, held: Collection[Pair]) -> int:
    """On how many open tickets of the workflow something was promised; one more than `MOST` where there are more."""
    states = before.workflows[workflow].states
    ahead = [pair for pair in held if pair[0] == workflow and pair[1] in states and not states[pair[1]].final]
    promised = select(Ticket.id).where(in_any(ahead), Ticket.promised.is_not(None), Ticket.merged_into_id.is_(None))
    return session().scalar(select(func.count()).select_from(promised.limit(MOST + 1).subquery())) or 0
