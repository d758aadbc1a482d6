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
    if not _still_meant(ticket, timer):
        session().delete(timer)
        return
    after.next_run(ticket, timer)
    session().flush()
    run_automatic(ticket, action)


def _still_meant(ticket: Ticket, timer: Timer) -> bool:
    """Whether the file in force still has this timer, and the calendar it runs on: one that was taken out of it fires
    no more.
    """
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    if workflow is None or state is None or not after.has_its_time(ticket, timer):
        return False
    return any(each.do == timer.action for each in state.timers)
