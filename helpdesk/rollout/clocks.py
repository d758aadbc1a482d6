"""The clocks of tickets that are carried to another desk: timers, and consent that is waited for. For the migration, in
its transaction; what it does to timers is what `timing` tells the plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CursorResult, and_, delete, select, update

from helpdesk.db import session
from helpdesk.rollout import timing
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.ways import Pair, Way
from helpdesk.tickets import due
from helpdesk.tickets.approvals import Approval
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows.schema import Desk

AT_ONCE = 5_000  # rows that are read and written together
AWAKE = Ticket.merged_into_id.is_(None)  # nothing comes by itself of what rests as a part of another ticket


def change(stay: timing.Staying, after: Desk) -> tuple[int, int]:
    """The tickets stay and their state's timers change. Gives how many timers were set, and how many went."""
    gone = 0
    inside = select(Ticket.id).where(in_any([stay.pair]))
    for timer in stay.removed:
        gone += _rows(session().execute(delete(Timer).where(timing.is_of(timer), Timer.ticket_id.in_(inside))))
    return (_add(stay, after) if stay.added else 0), gone


def restart(ids: list[int], way: Way, after: Desk, now: datetime) -> tuple[int, int]:
    """The tickets came into another state: its timers begin, those they had are gone. Gives both numbers."""
    workflow, state = way.target
    added = gone = 0
    for some in in_parts(ids):
        old = delete(Timer).where(Timer.ticket_id.in_(some), Timer.kind.in_(("timer", "approval")))
        gone += _rows(session().execute(old))
        awake = list(session().scalars(select(Ticket.id).where(Ticket.id.in_(some), AWAKE)))
        for timer in after.workflows[workflow].states[state].timers:
            one = timing.row(timer, ticket_id=0, entered_at=now, workflow=workflow, desk=after)
            due.put([{**one, "ticket_id": each} for each in awake])
            added += len(awake)
    return added, gone


def take_approvals(ids: list[int], way: Way, now: datetime) -> None:
    """What was asked goes on under the state's new name; a ticket that left the state asks nobody there any more. What
    a merged ticket was asked before belongs to another state.
    """
    there = and_(Approval.workflow == way.source[0], Approval.state == way.source[1])
    to = {"ended_at": now, "outcome": "left"} if way.enters else {"workflow": way.target[0], "state": way.target[1]}
    for some in in_parts(ids):
        asked = update(Approval).where(Approval.ticket_id.in_(some), Approval.ended_at.is_(None), there).values(to)
        session().execute(asked.execution_options(synchronize_session=False))


def give_up_approvals(state: Pair, now: datetime) -> None:
    """Nothing is asked in this state any more: what was asked of its tickets is over, as if they had left."""
    inside = select(Ticket.id).where(in_any([state]))
    asked = update(Approval).where(
        Approval.ticket_id.in_(inside),
        Approval.ended_at.is_(None),
        Approval.workflow == state[0],
        Approval.state == state[1],
    )
    ended = asked.values(ended_at=now, outcome="left")
    session().execute(ended.execution_options(synchronize_session=False))
    session().execute(delete(Timer).where(Timer.kind == "approval", Timer.ticket_id.in_(inside)))


def _add(stay: timing.Staying, after: Desk) -> int:
    """Timers that came into the file count from when each ticket came into the state."""
    asked = select(Ticket.id, Ticket.entered_at).where(in_any([stay.pair]), AWAKE)
    added = 0
    for some in session().execute(asked.execution_options(yield_per=AT_ONCE)).partitions():
        rows = [
            timing.row(timer, ticket_id=ticket_id, entered_at=entered_at, workflow=stay.target[0], desk=after)
            for ticket_id, entered_at in some
            for timer in stay.added
        ]
        due.put(rows)
        added += len(rows)
    return added


def in_parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _rows(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
