"""Timers of a state: an action runs because a ticket has been left alone there."""

from __future__ import annotations

from helpdesk.actions import after
from helpdesk.actions.door import run_automatic
from helpdesk.db import session
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.timers.kinds import fires
from helpdesk.workflows import revisions


@fires("timer")
def run(ticket: Ticket, timer: Timer) -> None:
    action = timer.action
    after.next_run(timer)
    session().flush()
    if _still_meant(ticket, action):
        run_automatic(ticket, action)


def _still_meant(ticket: Ticket, action: str) -> bool:
    """Whether the file in force still has this timer: one that was taken out of it fires no more."""
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    return state is not None and any(timer.do == action for timer in state.timers)
