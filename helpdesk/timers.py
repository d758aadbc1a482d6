"""What is due: actions that run because time has passed. The worker calls `run_due` whenever `next_due` comes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from helpdesk import alarms, clock
from helpdesk.actions import after
from helpdesk.actions.door import lock, run_automatic
from helpdesk.db import session, writing
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows import revisions

AFTER_TROUBLE = timedelta(minutes=5)
log = logging.getLogger("helpdesk.timers")


def run_due(*, limit: int = 100) -> int:
    """Run up to `limit` due timers, oldest first, each in a transaction of its own. Gives how many were due."""
    now = clock.now()
    due = list(
        session().scalars(select(Timer.id).where(Timer.due_at <= now).order_by(Timer.due_at, Timer.id).limit(limit))
    )
    for timer_id in due:
        try:
            run_one(timer_id)
        except Exception:
            log.exception("Timer %s could not run.", timer_id)
            _put_off(timer_id)
    return len(due)


def _put_off(timer_id: int) -> None:
    """A timer that broke is tried again later, so that those behind it are not kept waiting by it."""
    with writing() as here:
        timer = here.get(Timer, timer_id)
        if timer is not None:
            timer.due_at = clock.now() + AFTER_TROUBLE
            alarms.sound(
                f"timer:{timer.action}", f"The timer “{timer.action}” of ticket {timer.ticket_id} breaks each time."
            )


def run_one(timer_id: int) -> None:
    """Fire one timer, once, however many workers try: its ticket is held, and the row goes or moves on in the same
    transaction.
    """
    with writing() as here:
        ticket_id = here.scalar(select(Timer.ticket_id).where(Timer.id == timer_id))
        if ticket_id is None:
            return
        ticket = lock(ticket_id)  # the ticket before the timer, as every action does, so that nobody waits in a circle
        timer = here.scalar(select(Timer).where(Timer.id == timer_id, Timer.due_at <= clock.now()))
        if timer is None:
            return
        action = timer.action
        after.next_run(timer)
        here.flush()
        if _still_meant(ticket, action):
            run_automatic(ticket, action)


def next_due() -> datetime | None:
    """When the next timer is due."""
    return session().scalar(select(Timer.due_at).order_by(Timer.due_at, Timer.id).limit(1))


def _still_meant(ticket: Ticket, action: str) -> bool:
    """Whether the file in force still has this timer: one that was taken out of it fires no more."""
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    return state is not None and any(timer.do == action for timer in state.timers)
