"""The file changes its service levels or its calendar while promises run: they follow, nothing is late by it, nothing
is said twice, and the worker does it in portions (N3, fault 29). Monday 2026-01-12 10:00 in Tallinn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import clock, jobs
from helpdesk.actions import promises
from helpdesk.db import session
from helpdesk.rollout import apply as rollout
from helpdesk.rollout import plan as planning
from helpdesk.rollout import reckoning
from helpdesk.rollout.apply import Applied
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.worker import Worker
from helpdesk.workflows import revisions
from tests.cast import Case, Character
from tests.timers.test_service_levels import DESK, goes_by, monday, promised

HOURS = 'hours: {mon-fri: ["09:00-18:00"]}'
LEVEL = "{first_response: 4h business, resolution: 2d business, warn_at: [50, 75], then: escalate}"
QUICK = LEVEL.replace("4h", "1h")
SLOW = LEVEL.replace("4h", "8h")
CLOSED_TOMORROW = (HOURS, HOURS + ', closed: ["2026-01-13"]')


def text_of(*changes: tuple[str, str]) -> str:
    text = DESK[: DESK.index("tests:")]
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return text


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.frozen(datetime(2026, 1, 12, 8, tzinfo=UTC)):
        yield


@pytest.fixture
def desk(app: Flask) -> Flask:
    with app.app_context():
        revisions.adopt(text_of(), author="a test")
    return app


def applies(app: Flask, *changes: tuple[str, str]) -> Applied:
    with app.app_context():
        return rollout.apply({"workflows.yaml": text_of(*changes)}, author="Boris")


def works(app: Flask) -> int:
    return Worker(app, chores=()).run_until_idle(kinds=[reckoning.RECKON, reckoning.TURN])


def changes(app: Flask, *changes: tuple[str, str]) -> None:
    """The file changes, and the worker does what is left to do."""
    applies(app, *changes)
    works(app)


def said(case: Case) -> list[Any]:
    """What was said of its promises: which, and how many per cent were over."""
    return [(event.data["promise"], event.data["percent"]) for event in case.events if "promise" in event.data]


def marks(app: Flask, case: Case) -> dict[str, datetime]:
    with app.app_context():
        rows = select(Timer.action, Timer.due_at).where(Timer.ticket_id == case.id, Timer.kind == "sla")
        return {name: due_at for name, due_at in session().execute(rows)}  # noqa: C416 - rows are no pairs


def test_a_day_that_is_closed_moves_what_was_promised(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    assert applies(desk, CLOSED_TOMORROW).reckoned == ("case",)
    assert promised(case).due_resolution == monday(10, days=2), "the change itself waits for no ticket"
    works(desk)
    ticket = promised(case)
    assert ticket.due_resolution == monday(10, days=3)
    assert ticket.due_first_response == ticket.due_at == monday(14)
    assert marks(desk, case)["resolution"] == monday(10, days=2), "half of it"
    changes(desk)
    assert promised(case).due_resolution == monday(10, days=2), "and back"


def test_a_file_that_says_the_same_of_promises_has_nothing_reckoned(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    before = promised(case).promised
    assert (
        applies(
            desk, ("label: New\n", "label: Fresh\n"), ("roles:\n", "# the hours are as they were\n\nroles:\n")
        ).reckoned
        == ()
    )
    assert promised(case).promised == before


def test_a_change_of_the_file_makes_nothing_late(desk: Flask, olga: Character, ann: Character) -> None:
    """What would be over by the new times stays due when it was; what is not follows them."""
    old = olga.writes("Help")
    goes_by(desk, hours=2)
    young = olga.writes("Help me too")
    changes(desk, (LEVEL, QUICK))
    assert promised(old).due_first_response == monday(14), "11:00 is over"
    assert promised(young).due_first_response == monday(13)
    goes_by(desk, minutes=30)
    assert ("first_response", 100) not in said(old)
    goes_by(desk, hours=2)
    assert said(old).count(("first_response", 100)) == 1
    assert promised(olga.writes("A third")).due_first_response == clock.now() + timedelta(hours=1)


def test_what_was_late_and_is_not_any_more_is_late_again_only_when_it_is(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    goes_by(desk, hours=5)
    assert said(case) == [("first_response", 50), ("first_response", 75), ("first_response", 100)]
    assert case.story.count("escalate") == 1
    changes(desk, (LEVEL, SLOW))
    assert promised(case).due_first_response == monday(18)
    assert said(case)[3:] == [], "half of it is over, which was said"
    goes_by(desk, hours=2)
    assert said(case)[3:] == [("first_response", 75)]
    goes_by(desk, hours=1)
    assert said(case)[4:] == [("first_response", 100)]
    assert case.story.count("escalate") == 2


def test_what_was_said_to_be_late_is_not_said_again(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    goes_by(desk, hours=5)
    changes(desk, (LEVEL, QUICK))
    assert promised(case).due_first_response == monday(11)
    goes_by(desk, hours=1)
    assert [each for each in said(case) if each[0] == "first_response"][3:] == []
    assert case.story.count("escalate") == 1


def test_what_is_promised_anew_and_would_be_over_counts_from_now(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    with_one = (LEVEL, LEVEL.replace("resolution: 2d business, ", ""))
    changes(desk, with_one)
    assert promised(case).due_resolution is None
    goes_by(desk, hours=3)
    changes(desk, (LEVEL, LEVEL.replace("2d business", "1h business")))
    assert promised(case).due_resolution == monday(14)


def test_promises_that_were_taken_out_by_mistake_come_back_as_they_were(desk: Flask, olga: Character) -> None:
    late = olga.writes("Help")
    goes_by(desk, hours=5)
    fresh = olga.writes("Help me too")
    changes(desk, (LEVEL, "{resolution: 9d, warn_at: [50, 75], then: escalate}"))
    assert promised(late).due_first_response is None
    changes(desk)
    assert promised(late).due_first_response == monday(14)
    assert promised(fresh).due_first_response == monday(10, days=1)
    goes_by(desk, minutes=1)
    assert said(late).count(("first_response", 100)) == 1


def test_a_promise_that_stands_still_is_reckoned_by_when_it_stopped(
    desk: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Help")
    goes_by(desk, hours=2)
    ann.performs("hold", case)
    goes_by(desk, days=1)
    changes(desk, (LEVEL, LEVEL.replace("4h", "3h")))
    assert promised(case).due_at is None, "it stands"
    ann.performs("resume", case)
    assert promised(case).due_first_response == monday(13, days=1), "an hour is left"


def test_a_closed_ticket_follows_when_it_is_reopened(desk: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Help")
    ann.performs("close", case)
    changes(desk, CLOSED_TOMORROW)
    assert promised(case).due_resolution == monday(10, days=2)
    ann.performs("again", case)
    assert promised(case).due_resolution == monday(10, days=3)


def test_an_answer_stays_judged_by_what_was_promised_when_it_was_given(
    desk: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Help")
    ann.performs("reply", case, text="Which one?")
    changes(desk, (LEVEL, QUICK))
    assert promised(case).due_first_response == monday(14)


def test_who_comes_before_the_worker_does_the_same(desk: Flask, olga: Character, ann: Character) -> None:
    case, other = olga.writes("Help"), olga.writes("Help me too")
    applies(desk, CLOSED_TOMORROW)
    ann.performs("note", case, text="A word")
    assert promised(case).due_resolution == monday(10, days=3)
    goes_by(desk, hours=2)
    assert promised(other).due_resolution == monday(10, days=3), "its warning was due"
    before = promised(case).promised
    works(desk)
    assert promised(case).promised == before


def test_it_is_the_same_whoever_changes_the_file(desk: Flask, olga: Character, tmp_path: Path) -> None:
    """At a start, and back."""
    case = olga.writes("Help")
    path = tmp_path / "workflows.yaml"
    path.write_text(text_of(CLOSED_TOMORROW))
    with desk.app_context():
        before = revisions.active().id
        rollout.take_file(path)
    works(desk)
    assert promised(case).due_resolution == monday(10, days=3)
    with desk.app_context():
        rollout.rollback(before, author="Boris")
    works(desk)
    assert promised(case).due_resolution == monday(10, days=2)


def test_a_plan_says_how_many_promises_are_reckoned_anew(
    desk: Flask, olga: Character, ann: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [olga.writes(f"Help {number}") for number in range(4)]
    ann.performs("close", cases[0])

    def planned(*changes: tuple[str, str]) -> list[str]:
        with desk.app_context():
            effects = planning.plan({"workflows.yaml": text_of(*changes)}).effects
        return [each.sentence for each in effects if each.kind == "sla_changed"]

    assert planned(CLOSED_TOMORROW) == ["What was promised on 3 tickets of “case” is reckoned anew."]
    assert planned((LEVEL, QUICK)) == planned(CLOSED_TOMORROW)
    assert planned(("label: New\n", "label: Fresh\n")) == []
    monkeypatch.setattr(planning.effects.promising, "MOST", 2)
    assert planned(CLOSED_TOMORROW) == ["What was promised on more than 2 tickets of “case” is reckoned anew."]


def test_it_goes_in_portions_and_a_worker_that_dies_is_followed_by_another(
    desk: Flask, olga: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reckoning, "PORTION", 2)
    cases = [olga.writes(f"Help {number}") for number in range(5)]
    applies(desk, CLOSED_TOMORROW)
    reckoned: list[int] = []
    really = promises.review

    def dies(ticket: Ticket, **more: Any) -> bool:
        if len(reckoned) == 3:
            raise SystemExit
        reckoned.append(ticket.id)
        return really(ticket, **more)

    monkeypatch.setattr(promises, "review", dies)
    with pytest.raises(SystemExit):
        works(desk)
    assert [promised(case).due_resolution == monday(10, days=3) for case in cases] == [True] * 3 + [False] * 2
    monkeypatch.setattr(promises, "review", lambda ticket, **more: reckoned.append(ticket.id) or really(ticket))
    clock.travel(jobs.LEASE + timedelta(seconds=1))
    works(desk)
    assert [promised(case).due_resolution for case in cases] == [monday(10, days=3)] * 5
    assert reckoned == [case.id for case in cases], "each once"
    with desk.app_context():
        assert session().scalars(select(jobs.Job.kind).where(jobs.Job.kind == reckoning.RECKON)).all() == []


def test_two_changes_one_after_the_other_end_at_the_second(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    applies(desk, CLOSED_TOMORROW)
    applies(desk, (LEVEL, SLOW))
    works(desk)
    ticket = promised(case)
    assert (ticket.due_first_response, ticket.due_resolution) == (monday(18), monday(10, days=2))


NEW = "      new:\n        label: New\n"
PAUSED = (NEW, NEW + "        pauses_sla: true\n")
RENAMED = (
    ("      new:\n", "      fresh:\n        renamed_from: new\n"),
    ("initial: new", "initial: fresh"),
    ("to: new", "to: fresh"),
)


def test_where_a_state_begins_to_stop_the_clocks_they_stop_at_the_change_whenever_the_worker_comes(
    desk: Flask, olga: Character, ann: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left to the worker, in portions: a change of the file holds no desk up, however many tickets there are."""
    monkeypatch.setattr(reckoning, "PORTION", 2)
    cases = [olga.writes(f"Help {number}") for number in range(5)]
    goes_by(desk, hours=1)
    applies(desk, PAUSED)
    assert [promised(case).sla_paused_at for case in cases] == [None] * 5, "the change itself waits for no ticket"
    clock.travel(timedelta(minutes=20))
    works(desk)
    assert [promised(case).sla_paused_at for case in cases] == [monday(11)] * 5
    assert all(marks(desk, case) == {} for case in cases), "nothing is watched while it stands"
    clock.travel(timedelta(minutes=40))
    ann.performs("note", cases[0], text="It rests")
    assert promised(cases[0]).sla_paused_at == monday(11)
    applies(desk)
    clock.travel(timedelta(minutes=30))
    works(desk)
    assert [promised(case).due_first_response for case in cases] == [monday(15)] * 5, "an hour later than promised"
    assert [promised(case).sla_paused_at for case in cases] == [None] * 5


def test_a_promise_that_is_due_before_the_worker_comes_is_not_broken_where_it_stands(
    desk: Flask, olga: Character
) -> None:
    case = olga.writes("Help")
    goes_by(desk, hours=3, minutes=59)
    applies(desk, PAUSED)
    goes_by(desk, minutes=2)
    assert ("first_response", 100) not in said(case)
    works(desk)
    assert promised(case).due_at is None


def test_the_state_may_have_another_name_before_the_worker_comes(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    applies(desk, PAUSED)
    applies(desk, PAUSED, *RENAMED)
    works(desk)
    assert (case.state, promised(case).sla_paused_at) == ("fresh", monday(10))
