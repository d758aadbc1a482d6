"""What a change of the desk means for promises that were made: in which workflows they are reckoned anew, on how many
tickets, and in which states their clocks stop or go on. Asked by `plan` and by the migration, so that what is said is
what is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import func, select

from helpdesk.db import session
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.ways import Pair, Way
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import levels
from helpdesk.workflows.schema import Desk

MOST = 10_000  # tickets that are counted one by one; where there are more, only that is said


def changed(before: Desk, after: Desk) -> tuple[str, ...]:
    """The workflows that promise something else, or reckon it by another working time."""
    both = [name for name in after.workflows if name in before.workflows]
    return tuple(name for name in both if levels.mark(before, name) != levels.mark(after, name))


def turned(before: Desk, after: Desk, held: Iterable[Pair], ways: Mapping[Pair, Way]) -> tuple[Pair, ...]:
    """Where tickets will be whose clocks stop or go on from now: a state began or ceased to pause them, or they come to
    another one. Those that come to another workflow have its promises, and those that lost their working time others.
    """
    found = []
    for pair in held:
        target = ways[pair].target if pair in ways else pair
        stays = _stands(before, pair) is _stands(after, target) and pair[0] == target[0]
        if not stays or _lost_calendar(before, after, pair[0]):
            found.append(target)
    return tuple(found)


def open_promises(before: Desk, workflow: str, held: Collection[Pair]) -> int:
    """On how many open tickets of the workflow something was promised; one more than `MOST` where there are more."""
    states = before.workflows[workflow].states
    ahead = [pair for pair in held if pair[0] == workflow and pair[1] in states and not states[pair[1]].final]
    promised = select(Ticket.id).where(in_any(ahead), Ticket.promised.is_not(None), Ticket.merged_into_id.is_(None))
    return session().scalar(select(func.count()).select_from(promised.limit(MOST + 1).subquery())) or 0


def _stands(desk: Desk, pair: Pair) -> bool | None:
    workflow = desk.workflows.get(pair[0])
    state = workflow.states.get(pair[1]) if workflow else None
    return (state.final or state.pauses_sla) if state else None


def _lost_calendar(before: Desk, after: Desk, workflow: str) -> bool:
    return before.workflows[workflow].calendar is not None and after.workflows[workflow].calendar is None
