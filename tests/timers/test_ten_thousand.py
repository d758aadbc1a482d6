"""Two worker processes on many tickets with several things due each: every one takes effect once, and a ticket's in due
order (fault 6). A few in `make test`; `make prove` does ten thousand tickets.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from config import Settings
from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.tickets import due
from helpdesk.tickets.models import Event, Ticket, Timer
from tests.actions.desks import OPEN, in_force
from tests.cast import Character
from tests.servers.process import running, wait_until

ROOT = Path(__file__).parents[2]
NAMES = ("one", "two", "three")
LONG_AGO = 50  # minutes; less than what counts as a backlog, which would be spread


@pytest.mark.parametrize("tickets", [50, pytest.param(10_000, marks=pytest.mark.prove)])
def test_two_workers_do_each_thing_once_and_each_tickets_in_due_order(
    app: Flask, settings: Settings, olga: Character, tmp_path: Path, tickets: int
) -> None:
    timed = ", ".join(f"{{after: {number + 1}h, do: {name}}}" for number, name in enumerate(NAMES))
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [close], timers: [{timed}]}}\ndone: {{{OPEN}, final: true}}",
        actions="\n".join(
            [
                *(f"{name}: {{type: notify, label: {name}, automatic: true}}" for name in NAMES),
                "close: {type: close, label: Close, allow: [everyone], to: done}",
            ]
        ),
    )
    olga.writes("Help")
    wanted = make_due(app, tickets)
    with ExitStack() as stack:
        for number in range(2):
            starts_worker(stack, settings, tmp_path / f"worker-{number}.log")
        wait_until(lambda: nothing_due(app), what="the workers to be done", seconds=30 + tickets * len(NAMES) * 0.2)
    assert done_in(app) == wanted
    print(f"{rate(app):.0f} timers a second")


def make_due(app: Flask, number: int) -> dict[int, list[str]]:
    """Copies of the one ticket, each with everything due in an order of its own, written in no order. Gives it by
    ticket.
    """
    chance, now, wanted = Random(6), clock.now(), {}
    with app.app_context(), writing() as here:
        first = here.execute(select(*Ticket.__table__.columns)).mappings().one()
        due.leave_state(first["id"])
        rows = [{**first, "id": 10_000 + each, "ref": f"C-{10_000 + each}"} for each in range(number)]
        here.execute(insert(Ticket.__table__), rows)
        entries = []
        for row in rows:
            minutes = chance.sample(range(1, LONG_AGO), len(NAMES))
            order = sorted(zip(minutes, NAMES, strict=True), reverse=True)
            wanted[row["id"]] = [name for _, name in order]
            entries += [
                due.entry(row["id"], "timer", name, now - timedelta(minutes=ago), length="1h") for ago, name in order
            ]
        chance.shuffle(entries)
        due.put(entries)
    return wanted


def starts_worker(stack: ExitStack, settings: Settings, log: Path) -> None:
    """Another process of the same desk, as its operator starts it."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")},
        "HELPDESK_DATABASE_URL": settings.database_url,
        "HELPDESK_SECRET_KEY": settings.secret_key,
        "HELPDESK_VAR": settings.var,
        "HELPDESK_WORKFLOWS": settings.workflows,
        "HELPDESK_SQLITE_SYNCHRONOUS": settings.sqlite_synchronous,
        "HELPDESK_ENV": "test",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-u", "-m", "helpdesk.cli", "worker"]
    works = lambda: log.exists() and "The worker is running" in log.read_text()  # noqa: E731
    stack.enter_context(running(command, log=log, ready=works, env=env))


def nothing_due(app: Flask) -> bool:
    with app.app_context():
        return session().scalar(select(Timer.id).limit(1)) is None


def done_in(app: Flask) -> dict[int, list[str]]:
    """What ran on each ticket, in order."""
    found = defaultdict(list)
    with app.app_context():
        ran = select(Event.ticket_id, Event.action).where(Event.kind == "ran").order_by(Event.id)
        for ticket_id, name in session().execute(ran):
            found[ticket_id].append(str(name))
    return dict(found)


def rate(app: Flask) -> float:
    """Runs a second, from the first to the last."""
    with app.app_context():
        ran = select(func.count(), func.min(Event.at), func.max(Event.at)).where(Event.kind == "ran")
        number, first, last = session().execute(ran).one()
        return float(number / (last - first).total_seconds())
