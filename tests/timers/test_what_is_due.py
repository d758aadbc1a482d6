"""One table of what is due: whatever the kind, per ticket in due order and once, however many workers there are."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk import clock, timers
from helpdesk.db import session, writing
from helpdesk.tickets import due
from helpdesk.tickets.models import Event, Ticket, Timer
from helpdesk.timers import kinds
from tests.actions.desks import OPEN, in_force
from tests.cast import Character

TICKETS = 6


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What fired, in its order, where each kind only says its name."""
    said: list[str] = []

    def says(ticket: Ticket, timer: Timer) -> None:
        said.append(timer.action)
        session().delete(timer)

    kinds._load_all()
    for kind in due.RANKS:
        monkeypatch.setitem(kinds._kinds, kind, says)
    return said


def test_at_the_same_moment_approval_goes_before_the_service_level_and_that_before_timers(
    app: Flask, olga: Character, ran: list[str], still: None
) -> None:
    """WORKFLOW.md, "Entering"; what was due earlier goes first whatever its kind."""
    ticket = olga.writes("Help")
    now = clock.now()
    with app.app_context():
        with writing():
            due.leave_state(ticket.id)
            rows = [("timer", "third"), ("sla", "second"), ("approval", "first")]
            due.put([due.entry(ticket.id, kind, name, now) for kind, name in rows])
            due.put([due.entry(ticket.id, "timer", "long ago", now - timedelta(minutes=1))])
        assert timers.run_due() == 4
    assert ran == ["long ago", "first", "second", "third"]


def test_arriving_in_a_state_begins_timers_and_approvals_anew_and_lets_the_service_level_go_on(
    app: Flask, olga: Character, still: None
) -> None:
    ticket = olga.writes("Help")
    with app.app_context():
        with writing():
            due.put([due.entry(ticket.id, kind, "x", clock.now()) for kind in due.RANKS])
            due.leave_state(ticket.id)
        left = select(Timer.kind).where(Timer.ticket_id == ticket.id).order_by(Timer.kind)
        assert list(session().scalars(left)) == ["overflow", "sla"], "the wait for whoever has it goes on, too"


def test_several_workers_run_each_timer_once_and_each_tickets_in_due_order(
    app: Flask, olga: Character, still: None
) -> None:
    names = ("one", "two", "three", "four")
    timed = ", ".join(f"{{after: {number + 1}h, do: {name}}}" for number, name in enumerate(reversed(names)))
    actions = "\n".join(f"{name}: {{type: notify, label: {name}, automatic: true}}" for name in names)
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [close], timers: [{timed}]}}\ndone: {{{OPEN}, final: true}}",
        actions=f"{actions}\nclose: {{type: close, label: Close, allow: [everyone], to: done}}",
    )
    tickets = [olga.writes(f"Help {number}").id for number in range(TICKETS)]
    now = clock.travel(timedelta(hours=5))

    def works() -> None:
        with clock.frozen(now), app.app_context():
            while (at := timers.next_due()) is not None and at <= now:
                timers.run_due(limit=7)

    workers = [threading.Thread(target=works) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with app.app_context():
        for ticket_id in tickets:
            ran = select(Event.action).where(Event.ticket_id == ticket_id, Event.kind == "ran").order_by(Event.id)
            assert list(session().scalars(ran)) == list(reversed(names))
        assert session().scalar(select(func.count()).select_from(Timer)) == 0
