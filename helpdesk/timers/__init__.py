"""What is due: whatever happens because time has passed. The worker calls `run_due` whenever `next_due` comes.

One table holds all of it (`tickets.due`), and a kind of due thing is one file of this folder that says `@fires("kind")`
(see `kinds`). Per ticket it happens in due order, and once, however many workers there are.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, select

from helpdesk import alarms, clock
from helpdesk.actions.door import lock
from helpdesk.db import answer, is_sqlite, session, writing
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.timers import backlog, kinds

AFTER_TROUBLE = timedelta(minutes=5)
IN_ORDER = (Timer.due_at, Timer.rank, Timer.id)
FREE = (
    select(Ticket.id)
    .where(Ticket.id == bindparam("ticket", type_=Integer))
    .with_for_update(key_share=True, skip_locked=True)
)
log = logging.getLogger("helpdesk.timers")


def run_due(*, limit: int = 100) -> int:
    """Run up to `limit` of what is due, oldest first, each in a transaction of its own. Gives how many had their turn;
    those of a ticket that somebody holds come next time.
    """
    now = clock.now()
    first = next_due()
    if first is not None and first < now - backlog.LATE:
        backlog.spread()
    due = session().scalars(select(Timer.ticket_id).where(Timer.due_at <= now).order_by(*IN_ORDER).limit(limit)).all()
    return sum(_run_or_put_off(ticket_id) for ticket_id in due)


def next_due() -> datetime | None:
    """When the next is due."""
    return session().scalar(select(Timer.due_at).order_by(*IN_ORDER).limit(1))


def run_first(ticket_id: int) -> bool:
    """Run what is due first of this ticket; False if somebody else holds the ticket at the moment.

    The ticket is held before its row is looked at, so each row is somebody's only once; it goes or moves on in the
    transaction of what it does.
    """
    with writing() as here:
        if not is_sqlite(here) and answer(FREE, ticket=ticket_id).first() is None:
            return False
        ticket = lock(ticket_id)
        if (first := _first_of(ticket_id)) is not None:
            kinds.fire(ticket, first)
        return True


def _first_of(ticket_id: int) -> Timer | None:
    """What is due first of this ticket."""
    due = select(Timer).where(Timer.ticket_id == ticket_id, Timer.due_at <= clock.now())
    return session().scalar(due.order_by(*IN_ORDER).limit(1))


def _run_or_put_off(ticket_id: int) -> bool:
    """One turn for a ticket, for each thing it had due when this was asked; another worker may have been quicker."""
    try:
        return run_first(ticket_id)
    except Exception:
        log.exception("What is due of ticket %s could not run.", ticket_id)
        _put_off(ticket_id)
        return True


def _put_off(ticket_id: int) -> None:
    """What broke is tried again later, so that those behind it are not kept waiting by it."""
    with writing():
        timer = _first_of(ticket_id)
        if timer is not None:
            timer.due_at = clock.now() + AFTER_TROUBLE
            alarms.sound(f"timer:{timer.action}", f"The timer “{timer.action}” of ticket {ticket_id} breaks each time.")
