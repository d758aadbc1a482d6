"""Timers: tickets whose customer stayed silent are closed by the desk itself, beside the same rows written through
SQLAlchemy in one commit each, without any rule.
"""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from bench.desks import Desk
from bench.figures import Figure
from bench.performing import NOBODY, counted
from helpdesk import clock, timers
from helpdesk.db import session, writing
from helpdesk.tickets.models import Event, Ticket, Timer, Unread

TIMES, WARM_UPS, RUNS = 150, 20, 3
AT_LEAST = 1 / 3
RAN = {
    "kind": "ran",
    "action": "close_silent",
    "actor_kind": "system",
    "from_state": "waiting",
    "to_state": "closed",
    "workflow": "support",
    "for_customer": True,
    "revision_id": 1,
    "data": {"label": "Closed by time", "entered": "closed"},
}


def measure(desk: Desk, *, times: int = TIMES) -> list[Figure]:
    """Timers a second of one worker, ours and the reference's, in three runs that take turns. Both write as often."""
    app = desk.app()
    ours, bare = [], []
    with app.app_context():
        _nothing_else_is_due()
        waiting = _waiting((times * RUNS + WARM_UPS) * 2)
        times = min(times, (len(waiting) - WARM_UPS * 2) // (RUNS * 2))
        tickets = iter(waiting)
        first = [next(tickets)]
        _fall_due(first)
        with counted() as own_writes:
            _run()
        with counted() as bare_writes:
            _bare([next(tickets)])
        if own_writes() != bare_writes():
            raise RuntimeError(f"The reference writes {bare_writes()} times, a timer {own_writes()}: no longer alike.")
        for do in (_ours, _bare):
            do([next(tickets) for _ in range(WARM_UPS - 1)])
        for _ in range(RUNS):
            bare.append(times / _bare([next(tickets) for _ in range(times)]))
            ours.append(times / _ours([next(tickets) for _ in range(times)]))
    what = f"timers: a ticket closed by time ({own_writes()} writes, one commit)"
    where = f"{desk.kind}, {desk.tickets:,} tickets"
    return [Figure(what, where, ours, bare, unit="/s", goal=AT_LEAST, more_is_better=True)]


def _ours(tickets: list[int]) -> float:
    """All of them fall due now, and a worker runs them."""
    _fall_due(tickets)
    begun = time.perf_counter()
    _run()
    return time.perf_counter() - begun


def _fall_due(tickets: list[int]) -> None:
    with writing() as here:
        now = clock.now()
        here.execute(update(Timer).where(Timer.ticket_id.in_(tickets)).values(due_at=now - timedelta(seconds=1)))


def _run() -> None:
    while (due := timers.next_due()) is not None and due <= clock.now():
        timers.run_due()


def _bare(tickets: list[int]) -> float:
    begun = time.perf_counter()
    for ticket_id in tickets:
        session().expunge_all()
        with writing() as here:
            ticket = here.get_one(Ticket, ticket_id)
            now = clock.now()
            ticket.state = "closed"
            here.flush()  # the door's machine moves the state before its rules look at the people
            ticket.version += 1
            ticket.updated_at = ticket.activity_at = ticket.heard_at = ticket.entered_at = now
            here.add(Event(ticket_id=ticket_id, at=now, version=ticket.version, **RAN))
            here.execute(delete(Timer).where(Timer.ticket_id == ticket_id))
            here.execute(delete(Timer).where(Timer.ticket_id == ticket_id))  # what was due of the state it left
            here.execute(delete(Unread).where(Unread.ticket_id == ticket_id))
            here.execute(insert(Unread).from_select(["person_id", "ticket_id", "at"], NOBODY))
    return time.perf_counter() - begun


def _nothing_else_is_due() -> None:
    """What the desk at hand has to do by itself waits while this is measured."""
    with writing() as here:
        here.execute(update(Timer).values(due_at=clock.now() + timedelta(days=30)))


def _waiting(at_most: int) -> list[int]:
    """Tickets that wait for their customer, the newest first."""
    query = select(Ticket.id).where(Ticket.workflow == "support", Ticket.state == "waiting")
    found = list(session().scalars(query.order_by(Ticket.activity_at.desc()).limit(at_most)))
    if len(found) < WARM_UPS * 2 + RUNS * 2:
        raise RuntimeError(f"This desk has only {len(found)} tickets that wait, too few to measure with.")
    return found
