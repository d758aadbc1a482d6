"""The clocks of a ticket that rests as a part of another one: stopped and kept in the history when it is merged, set
again when the merge is taken back.

For `merging` and `parting`. They go on where they stood, and by the file in force then, as those of tickets that were
awake when it changed: what was taken out is not set again, and what was added counts from when the ticket came into the
state, without the time it rested.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from helpdesk import clock
from helpdesk.db import session
from helpdesk.tickets import due
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows import calendars, revisions
from helpdesk.workflows.schema import State

Row = dict[str, Any]


def put_aside(ticket: Ticket) -> dict[str, Any]:
    """Stop the ticket's clocks, but those of a service level, which stop by themselves. Gives what is to be kept:
    with them what the file says of its state's timers and of the time to consent.
    """
    session().flush()
    theirs = select(Timer).where(Timer.ticket_id == ticket.id, Timer.kind != "sla").order_by(Timer.id)
    rows = session().scalars(theirs).all()
    kept = [
        {
            "kind": row.kind,
            "action": row.action,
            "due_at": row.due_at.isoformat(),
            "length": row.length,
            "runs_left": row.runs_left,
        }
        for row in rows
    ]
    for row in rows:
        session().delete(row)
    session().flush()
    state = revisions.active().desk.workflows[ticket.workflow].states[ticket.state]
    within = str(state.approve.within) if state.approve and state.approve.within else ""
    said = {"timers": [list(each) for each in _timers(state)], "within": within}
    return {"at": clock.now().isoformat(), "entered_at": ticket.entered_at.isoformat(), "due": kept, "said": said}


def rested(before: Mapping[str, Any]) -> timedelta:
    """How long the clocks stood still."""
    return clock.now() - datetime.fromisoformat(before["at"])


def go_on(ticket: Ticket, state: State, before: Mapping[str, Any]) -> None:
    """The ticket stands in the state it was in, by whatever name: its clocks go on."""
    if "entered_at" in before:  # not of those that were merged before this was noted
        ticket.entered_at = datetime.fromisoformat(before["entered_at"])
    rows = _as_they_stood(ticket, before)
    if "said" not in before:
        due.put(rows)
        return
    old, now = {tuple(each) for each in before["said"]["timers"]}, _timers(state)
    gone = {(do, after) for do, after, _ in old - now}
    due.put([row for row in rows if row["kind"] != "timer" or (row["action"], row["length"]) not in gone])
    desk, since = revisions.active().desk, ticket.entered_at + rested(before)
    for timer in state.timers:
        if (timer.do, str(timer.after), timer.repeat) not in old:
            at = calendars.ends(desk, ticket.workflow, since, timer.after)
            due.put([due.entry(ticket.id, "timer", timer.do, at, length=str(timer.after), runs_left=timer.repeat)])


def begin_anew(ticket: Ticket, before: Mapping[str, Any]) -> None:
    """The ticket has arrived in another state: what does not belong to a state goes on."""
    due.put([row for row in _as_they_stood(ticket, before) if row["kind"] not in due.OF_A_STATE])


def _as_they_stood(ticket: Ticket, before: Mapping[str, Any]) -> list[Row]:
    """The clocks that were put aside, later by the time they stood still."""
    return [
        due.entry(
            ticket.id,
            row["kind"],
            row["action"],
            datetime.fromisoformat(row["due_at"]) + rested(before),
            length=row["length"],
            runs_left=row["runs_left"],
        )
        for row in before["due"]
    ]


def _timers(state: State) -> set[tuple[str, str, int]]:
    return {(timer.do, str(timer.after), timer.repeat) for timer in state.timers}
