"""A day without the desk, and clocks that jump: what is overdue comes in portions, in its order, and is announced
(fault 27). Time that goes back does no harm.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from helpdesk import alarms, clock, timers
from helpdesk.db import writing
from helpdesk.rollout import apply as rollout
from helpdesk.timers import backlog
from helpdesk.worker import Worker
from tests.actions.desks import DONE, OPEN, in_force, text_of
from tests.cast import Case, Character

ACTIONS = """
    remind: {type: notify, label: Remind, allow: [agent], customer: see}
    late: {type: notify, label: Late, allow: [agent], emails: [{to: ["role:manager"], subject: Late, body: B}]}
    silent: {type: close, label: Silent, allow: [agent], customer: see, to: done}
    again: {type: reopen, label: Again, allow: [agent], to: new}
"""


@pytest.fixture(autouse=True)
def _portions(monkeypatch: pytest.MonkeyPatch, still: None) -> None:
    """Small ones: three tickets at once, then two a minute."""
    monkeypatch.setattr(backlog, "AT_ONCE", 3)
    monkeypatch.setattr(backlog, "PER_MINUTE", 2)


def desk(app: Flask, timed: str) -> None:
    in_force(
        app, states=f"new: {{{OPEN}, actions: [remind, late, silent], timers: [{timed}]}}\n{DONE}", actions=ACTIONS
    )


def write(olga: Character, number: int) -> list[Case]:
    """Requests a minute apart."""
    cases = []
    for each in range(number):
        cases.append(olga.writes(f"Help {each}"))
        clock.travel(timedelta(minutes=1))
    return cases


def works(app: Flask) -> None:
    Worker(app, chores=()).run_until_idle()


def standing(app: Flask) -> list[str]:
    with app.app_context():
        return [alarm.sentence for alarm in alarms.standing() if alarm.subject == backlog.ALARM]


def test_after_a_days_downtime_closing_is_capped_and_announced(app: Flask, olga: Character) -> None:
    desk(app, "{after: 1d, do: silent}")
    cases = write(olga, 8)
    clock.travel(timedelta(days=2))
    works(app)
    assert [case.state for case in cases] == ["done"] * 3 + ["new"] * 5, "the oldest first"
    (sentence,) = standing(app)
    assert "on 8 tickets are overdue" in sentence
    for closed in (5, 7, 8):
        clock.travel(timedelta(minutes=1))
        works(app)
        assert sum(case.state == "done" for case in cases) == closed
    assert [case.story.count("silent") for case in cases] == [1] * 8
    clock.travel(timedelta(minutes=2))
    works(app)
    assert standing(app) == []


def test_what_waits_keeps_the_order_and_the_distances_of_its_ticket(app: Flask, olga: Character) -> None:
    """A reminder and the closing that should have followed it an hour later do not arrive together."""
    desk(app, "{after: 20h, do: remind}, {after: 21h, do: silent}")
    *_, last = write(olga, 5)
    clock.travel(timedelta(days=2))
    works(app)
    assert last.story == ["opened"]
    clock.travel(timedelta(minutes=1))
    works(app)
    assert last.story == ["opened", "remind"]
    clock.travel(timedelta(hours=1))
    works(app)
    assert last.story == ["opened", "remind", "silent"]


def test_what_no_customer_notices_does_not_wait(app: Flask, olga: Character) -> None:
    desk(app, "{after: 1d, do: late}")
    cases = write(olga, 8)
    clock.travel(timedelta(days=2))
    works(app)
    assert [case.story[-1] for case in cases] == ["late"] * 8
    assert standing(app) == []


def test_a_few_that_are_overdue_are_no_backlog(app: Flask, olga: Character) -> None:
    desk(app, "{after: 1d, do: silent}")
    cases = write(olga, 3)
    clock.travel(timedelta(days=2))
    works(app)
    assert {case.state for case in cases} == {"done"}
    assert standing(app) == []


def test_what_the_changed_file_no_longer_wants_does_not_run_when_its_turn_comes(app: Flask, olga: Character) -> None:
    """How an administrator stops a wrong mass closing."""
    desk(app, "{after: 1d, do: silent}")
    cases = write(olga, 6)
    clock.travel(timedelta(days=2))
    works(app)
    desk(app, "{after: 30d, do: late}")
    clock.travel(timedelta(hours=1))
    works(app)
    assert sum(case.state == "done" for case in cases) == 3


def test_a_timer_that_a_changed_file_shortens_closes_in_portions_and_is_announced(app: Flask, olga: Character) -> None:
    """Fault 29: counted from when each ticket came into the state, most of them are over at once."""
    desk(app, "{after: 30d, do: silent}")
    cases = write(olga, 8)
    clock.travel(timedelta(days=2))
    works(app)
    assert {case.state for case in cases} == {"new"}
    states = f"new: {{{OPEN}, actions: [remind, late, silent], timers: [{{after: 1d, do: silent}}]}}\n{DONE}"
    with app.app_context():
        rollout.apply({"workflows.yaml": text_of(states=states, actions=ACTIONS)}, author="Boris")
    works(app)
    assert [case.state for case in cases] == ["done"] * 3 + ["new"] * 5, "the oldest first"
    (sentence,) = standing(app)
    assert "on 8 tickets are overdue" in sentence
    clock.travel(timedelta(minutes=3))
    works(app)
    assert {case.state for case in cases} == {"done"}


def test_two_workers_that_find_the_backlog_at_once_put_it_off_once(app: Flask, olga: Character) -> None:
    desk(app, "{after: 1d, do: silent}")
    write(olga, 6)
    clock.travel(timedelta(days=2))
    with app.app_context():
        assert backlog.spread() == 3
        assert backlog.spread() == 0


def test_a_clock_that_goes_back_sets_off_nothing_twice(app: Flask, olga: Character) -> None:
    desk(app, "{after: 1h, do: remind, repeat: 2}")
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before summer time, for good measure
    with clock.frozen(now):
        case = olga.writes("Help")
        clock.travel(timedelta(hours=1))
        works(app)
        assert case.story == ["opened", "remind"]
        clock.travel(timedelta(hours=-1))
        works(app)
        with app.app_context():
            assert timers.next_due() == now + timedelta(hours=2)
        assert case.story == ["opened", "remind"]
        clock.travel(timedelta(hours=2))
        works(app)
        assert case.story == ["opened", "remind", "remind"]


def test_what_another_worker_ran_just_now_is_not_put_off(app: Flask, olga: Character) -> None:
    """It may have been all that was to be moved."""
    desk(app, "{after: 1d, do: silent}")
    (case,) = write(olga, 1)
    long_ago, turn = clock.now() - timedelta(days=2), clock.now()
    with app.app_context(), writing():
        backlog._put_off({case.id: (long_ago, turn)})  # nothing of it is due by then
    clock.travel(timedelta(days=2))
    works(app)
    assert case.state == "done"
