"""How tickets get on in each state (N8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask

from helpdesk import clock
from helpdesk.db import is_sqlite, session, writing
from helpdesk.rollout import counting, flow
from helpdesk.rollout.flow import Flow
from helpdesk.rollout.ways import Pair
from helpdesk.tickets import due
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.statements import listening


def flows(app: Flask) -> dict[Pair, Flow]:
    with app.app_context():
        return flow.of(revisions.active().desk)


def test_counts_medians_and_stuck_tickets(app: Flask, still: None, olga: Character, ann: Character) -> None:
    slow = olga.writes("Slow")
    ann.performs("forward", slow, text="Please look.")  # the workshop has no timers
    clock.travel(timedelta(days=30))
    for number in range(4):
        ann.performs("forward", olga.writes(f"Quick {number}"), text="Please look.")
        clock.travel(timedelta(days=1))
    found = flows(app)["repair", "workshop"]
    assert (found.tickets, found.median, found.stuck) == (5, timedelta(days=3), 1)
    assert found.live.median == "3 d"
    with app.app_context(), writing():
        due.put([due.entry(slow.id, "timer", "escalate", clock.now() + timedelta(days=1), length="1d")])
    assert flows(app)["repair", "workshop"].stuck == 0, "a clock will move it on"


def test_finished_tickets_are_counted_and_not_timed(app: Flask, still: None, olga: Character, ann: Character) -> None:
    ann.performs("close", olga.writes("Done with"), kind="technical")
    clock.travel(timedelta(days=400))
    found = flows(app)
    assert found["repair", "done"] == Flow(1)
    assert found["repair", "new"] == Flow(0)


def test_three_questions_whatever_the_number_of_states(app: Flask, olga: Character) -> None:
    olga.writes("Printer")
    asked: list[str] = []
    with app.app_context():
        desk = revisions.active().desk
        flow.of(desk)  # the transaction has begun
        with listening(app, lambda statement, _values, _context: asked.append(statement)):
            flow.of(desk)
    assert len(asked) == 3, asked


def test_no_ticket_is_looked_at(app: Flask, olga: Character) -> None:
    """All that is asked stands in the queue's index; SQLite says so, PostgreSQL only where there are many tickets."""
    olga.writes("Printer")
    asked: list[tuple[str, Any]] = []
    with app.app_context():
        desk = revisions.active().desk
        with listening(app, lambda statement, values, _context: asked.append((statement, values))):
            flow.of(desk)
            counting.there_since(("support", "new"), clock.now())
        if not is_sqlite():
            return
        connection = session().connection()
        explained = [
            step[3]
            for statement, values in asked
            if "FROM tickets" in statement
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    walks = [step for step in explained if "tickets" in step]
    assert len(walks) >= 4
    assert all("USING COVERING INDEX ix_tickets_" in step for step in walks), walks


def test_lengths_are_said_as_people_say_them() -> None:
    assert flow.in_words(timedelta(days=3, hours=4, minutes=5)) == "3 d 4 h"
    assert flow.in_words(timedelta(hours=5)) == "5 h"
    assert flow.in_words(timedelta(minutes=7, seconds=59)) == "7 min"
    assert flow.in_words(timedelta(seconds=5)) == "0 min"
