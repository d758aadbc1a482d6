"""Two who do something at the same moment: nobody trips over the other, and nothing is written that is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from helpdesk import alarms, jobs
from helpdesk.actions.door import lock, perform
from helpdesk.alarms import Alarm
from helpdesk.db import db, is_sqlite, session, writing
from helpdesk.errors import Stale
from helpdesk.people import find
from helpdesk.tickets import events, unread
from helpdesk.tickets.actors import SYSTEM, staff
from helpdesk.tickets.models import Ticket, Unread
from helpdesk.workflows import revisions
from tests.actions.desks import AGAIN, DONE, OPEN, in_force
from tests.cast import Case, Character, hire
from tests.servers.process import PATIENCE, wait_until

SMALL = Path(__file__).parents[1] / "workflows" / "small.yaml"


def meanwhile(app: Flask, first: Callable[[], object], second: Callable[[], object], *, waits: bool = True) -> None:
    """`second` begins in another thread after `first` has written and before it is committed.

    `waits`: on PostgreSQL the second meets a row of the first; the first is only committed once it does.
    """
    trouble: list[Exception] = []

    def other() -> None:
        try:
            with app.app_context(), writing():
                second()
        except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
            trouble.append(error)

    thread = threading.Thread(target=other)
    with app.app_context(), writing():
        first()
        session().flush()
        thread.start()
        if not is_sqlite():
            wait_until(_somebody_waits if waits else lambda: not thread.is_alive(), what="the other")
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not trouble, trouble


def _somebody_waits() -> bool:
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with db.engine.connect() as look:
        return bool(look.scalar(asked))


def test_the_same_alarm_at_once_is_one_alarm(app: Flask) -> None:
    meanwhile(app, lambda: alarms.sound("mail", "It is away."), lambda: alarms.sound("mail", "It is still away."))
    with app.app_context():
        alarm = session().scalars(select(Alarm)).one()
        assert (alarm.times, alarm.sentence) == (2, "It is still away.")
    with app.app_context(), writing():
        alarms.clear("mail")
        alarms.sound("mail", "Again.")
    with app.app_context():
        assert [(each.times, each.sentence) for each in alarms.standing()] == [(1, "Again.")]


def test_the_first_turns_of_a_group_at_once_go_round(app: Flask, olga: Character, ann: Character) -> None:
    """W: assigning, `by: round_robin`."""
    for name in ("aa", "bb"):
        hire(app, f"{name}@acme.example", name, groups=["workshop"])
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [turn, close]}}\n{DONE}",
        actions=f"""
            turn: {{type: assign, label: Turn, allow: [agent], assign: {{group: workshop, by: round_robin}}}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    cases = [olga.writes(f"Case {number}") for number in range(3)]

    def turn(case: Case) -> None:
        somebody = find.by_email(ann.email)
        assert somebody is not None
        perform(case.id, "turn", staff(somebody), {})

    meanwhile(app, lambda: turn(cases[0]), lambda: turn(cases[1]))
    ann.performs("turn", cases[2])
    assert [case.assignee for case in cases] == ["aa@acme.example", "bb@acme.example", "aa@acme.example"]


def test_the_same_job_asked_for_at_once_is_one_job(app: Flask) -> None:
    def ask() -> None:
        jobs.enqueue("fetch_mail", {"source": "one"}, dedupe="fetch:one")

    meanwhile(app, ask, ask)
    with app.app_context():
        assert len(session().scalars(select(jobs.Job).where(jobs.Job.kind == "fetch_mail")).all()) == 1


def test_news_of_a_delivery_and_an_action_at_once_leave_one_mark(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Hello")

    def news() -> None:
        unread.mark(session().get_one(Ticket, case.id), except_for=None)

    def action() -> None:
        unread.mark(lock(case.id), except_for=None)

    for first, second in ((news, action), (action, news)):
        meanwhile(app, first, second)
        with app.app_context():
            assert session().scalars(select(Unread.person_id).where(Unread.ticket_id == case.id)).all() == [ann.id]


def test_what_only_names_a_ticket_does_not_wait_for_whoever_holds_it(app: Flask, olga: Character) -> None:
    case = olga.writes("Hello")

    def delivered() -> None:
        events.append(session().get_one(Ticket, case.id), kind="delivery", actor=SYSTEM, touches=False)

    meanwhile(app, lambda: lock(case.id), delivered, waits=False)


def test_what_another_context_would_write_into_nothing_is_refused(app: Flask) -> None:
    with app.app_context(), writing(), app.app_context(), pytest.raises(RuntimeError), writing():
        pass


def test_a_stale_page_of_a_customer_is_told_nothing_of_the_house(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Hello")
    seen = case.version
    ann.performs("comment", case, text="She is a difficult one.")
    with pytest.raises(Stale) as stale:
        olga.performs("customer_reply", case, text="More", seen=seen)
    assert stale.value.changes == []


def test_two_processes_that_start_with_a_new_file_record_it_once(app: Flask, tmp_path: Path) -> None:
    """Fault 6: the second has seen that the file is new before the first is done with it."""
    file = tmp_path / "workflows.yaml"
    file.write_text(SMALL.read_text())
    meanwhile(app, lambda: revisions.adopt_file(file), lambda: revisions.adopt_file(file))
    with app.app_context():
        assert [row.hash for row in revisions.history()].count(revisions.active().hash) == 1
        assert list(revisions.active().desk.workflows) == ["help"]
