"""A changed file brings tickets to where consent is asked, or asks it where they stand: it is as if they had arrived
there. What is asked already goes on (N3, N17).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms, clock, jobs, timers
from helpdesk.actions import asking
from helpdesk.db import db, session, writing
from helpdesk.errors import NotPossible
from helpdesk.rollout import afterwards
from helpdesk.rollout import apply as rollout
from helpdesk.rollout import plan as planning
from helpdesk.rollout.apply import Applied
from helpdesk.tickets.approvals import Approval, open_round
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.timers import backlog
from helpdesk.worker import TRIES, Worker
from helpdesk.workflows import revisions
from helpdesk.workflows.revisions import in_force
from tests.approvals.conftest import DESK
from tests.cast import Case, Character, hire

ACCEPT, REJECT = "approve:accept", "approve:reject"
NEW = "      new:\n        label: New\n"
HEAD = (
    "        approve: {by: [manager], need: 1, within: 2d, email: please_approve, accept: buy, reject: drop, "
    "expired: late}\n"
)


def changed(*changes: tuple[str, str]) -> dict[str, str]:
    text = DESK.read_text()
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return {"workflows.yaml": text}


ASKS_AT_ONCE = changed(
    (NEW, NEW + HEAD.replace("expired: late", "expired: again").replace("[manager]", "[manager, board]"))
)
"""Consent is asked as soon as a ticket comes in."""
LATE = "      late: {type: set_fields, label: Nobody decided, automatic: true, to: new}\n"
NOT_ASKED = changed((HEAD, ""), (LATE, ""))
"""“approval” asks nobody."""
LEAVING = changed((NEW, NEW + "        move_to: approval\n"))
"""“new” goes; its tickets come to “approval”."""
RENAMED = changed(
    ("      approval:\n", "      consent:\n        renamed_from: approval\n"), ("to: approval}", "to: consent}")
)
"""“approval” is called “consent”."""


def applied(app: Flask, texts: Mapping[str, str], **more: Any) -> Applied:
    with app.app_context():
        return rollout.apply(texts, author="Boris", **more)


def planned(app: Flask, texts: Mapping[str, str]) -> list[str]:
    with app.app_context():
        return [each.sentence for each in planning.plan(texts).effects if each.kind.startswith("approval")]


def works(app: Flask) -> None:
    Worker(app, chores=()).run_until_idle(kinds=[afterwards.ASK])


def asked(case: Case) -> list[str]:
    """Whom a question was mailed to, in order; how it was decided is mailed to them as well."""
    return [mail.recipient for mail in case.mails if mail.frozen["subject"].endswith("to approve")]


def round_of(app: Flask, case: Case) -> Any:
    with app.app_context():
        return open_round(session().get_one(Ticket, case.id))


def due(app: Flask, case: Case) -> list[Any]:
    with app.app_context():
        rows = select(Timer.due_at).where(Timer.ticket_id == case.id, Timer.kind == "approval")
        return list(session().scalars(rows))


def standing(app: Flask) -> list[str]:
    with app.app_context():
        return [alarm.sentence for alarm in alarms.standing() if alarm.subject == afterwards.ALARM]


def test_who_may_consent_is_mailed_where_a_state_hands_its_tickets_on(
    app: Flask, still: None, olga: Character, boris: Character
) -> None:
    case = olga.writes("A new printer")
    assert planned(app, LEAVING) == [
        "1 ticket of “new” comes to “approval” and is asked for consent: the approvers are mailed."
    ]
    done = applied(app, LEAVING)
    assert (done.moved, done.to_ask) == (1, 1)
    assert "1 ticket will be asked for consent: the approvers are mailed." in done.sentences
    assert asked(case) == [], "the change itself waits for nobody's mail"
    works(app)
    assert asked(case) == ["boris@acme.example"]
    assert case.mails[-1].frozen["names"]["links"]["approve"]
    assert round_of(app, case).due_at == clock.now() + timedelta(days=2)
    assert due(app, case) == [clock.now() + timedelta(days=2)]
    assert case.events[-1].data["label"] == "Asked for consent"
    clock.travel(timedelta(days=2))
    with app.app_context():
        timers.run_due()
    assert case.story[-1] == "late", "nobody decided"
    assert case.state == "new"


def test_tickets_that_stand_where_the_file_now_asks_are_asked(
    app: Flask, still: None, olga: Character, boris: Character, maria: Character
) -> None:
    case, other = olga.writes("A new printer"), olga.writes("A new chair")
    assert planned(app, ASKS_AT_ONCE) == ["2 tickets in “new” are asked for consent: the approvers are mailed."]
    clock.travel(timedelta(days=5))
    assert applied(app, ASKS_AT_ONCE).to_ask == 2
    works(app)
    for each in (case, other):
        assert asked(each) == ["boris@acme.example", "maria@acme.example"]
        assert round_of(app, each).due_at == clock.now() + timedelta(days=2), "from now, not from its arrival"
    boris.performs(ACCEPT, case)
    assert case.state == "bought"


def test_nobody_is_asked_twice(app: Flask, olga: Character, boris: Character) -> None:
    case = olga.writes("A new printer")
    applied(app, ASKS_AT_ONCE)
    works(app)
    with app.app_context(), writing():
        afterwards.ask_for_consent(revisions.active().id)
    works(app)
    applied(app, {"workflows.yaml": ASKS_AT_ONCE["workflows.yaml"] + "# a comment\n"})
    works(app)
    assert len(asked(case)) == 1
    assert case.story == ["opened", "asked"]


def test_a_round_that_is_open_goes_on_under_the_states_new_name(app: Flask, wanted: Case, boris: Character) -> None:
    before = round_of(app, wanted)
    assert planned(app, RENAMED) == []
    assert applied(app, RENAMED).to_ask == 0
    works(app)
    assert (wanted.state, asked(wanted)) == ("consent", ["boris@acme.example"])
    after = round_of(app, wanted)
    assert (after.id, after.due_at) == (before.id, before.due_at)
    assert boris.performs(ACCEPT, wanted).state == "bought"


def test_a_state_that_is_renamed_and_asks_from_now_on_asks(app: Flask, olga: Character, boris: Character) -> None:
    case = olga.writes("A new printer")
    fresh = changed(
        (NEW, "      fresh:\n        renamed_from: new\n        label: New\n" + HEAD),
        ("initial: new", "initial: fresh"),
        ("to: new}", "to: fresh}"),
        ("to: new,", "to: fresh,"),
    )
    assert planned(app, fresh) == ["1 ticket in “fresh” is asked for consent: the approvers are mailed."]
    applied(app, fresh)
    works(app)
    assert (case.state, asked(case)) == ("fresh", ["boris@acme.example"])


def test_where_nothing_is_asked_any_more_the_question_is_over_and_comes_back_as_a_new_one(
    app: Flask, still: None, wanted: Case, boris: Character
) -> None:
    first = round_of(app, wanted)
    assert planned(app, NOT_ASKED) == ["Consent is not asked any more in “approval”, where 1 ticket waits."]
    applied(app, NOT_ASKED)
    assert (round_of(app, wanted), due(app, wanted)) == (None, [])
    with app.app_context():
        row = session().get_one(Approval, first.id)
        assert row.outcome == "left"
    clock.travel(timedelta(hours=1))
    applied(app, changed())
    works(app)
    assert asked(wanted) == ["boris@acme.example"] * 2
    assert round_of(app, wanted).due_at == clock.now() + timedelta(days=2)


@pytest.mark.parametrize("step", ["ask", "hurry"])
def test_whoever_brought_it_to_where_the_file_now_asks_has_no_vote(
    app: Flask, olga: Character, ann: Character, boris: Character, step: str
) -> None:
    """Attack 59: also by automatic actions that their run set off. Who did something there since may vote."""
    hana = hire(app, "hana@acme.example", "Hana", roles=["manager"])
    applied(app, NOT_ASKED)
    case = olga.writes("A new printer")
    boris.performs(step, case, price="2500")
    hana.performs("note", case, text="I look at it.")
    applied(app, changed())
    with pytest.raises(NotPossible):
        boris.performs(ACCEPT, case)
    works(app)
    assert asked(case) == [hana.email]
    with pytest.raises(NotPossible):
        boris.performs(ACCEPT, case)
    assert hana.performs(ACCEPT, case).state == "bought"


def test_a_vote_that_comes_before_the_question_asks_the_others(
    app: Flask, olga: Character, maria: Character, nils: Character, petra: Character
) -> None:
    """Two of the board must consent; one of them saw it on the page before anybody was mailed."""
    case = olga.writes("A new building")
    applied(app, changed((NEW, NEW + "        move_to: board_approval\n")))
    maria.performs(ACCEPT, case)
    assert asked(case) == ["nils@acme.example", "petra@acme.example"]
    works(app)
    assert len(asked(case)) == 2, "the worker finds it asked"
    assert nils.performs(ACCEPT, case).state == "bought"


def test_a_vote_that_decides_before_the_question_asks_nobody(app: Flask, olga: Character, boris: Character) -> None:
    hire(app, "hana@acme.example", "Hana", roles=["manager"])
    case = olga.writes("A new printer")
    applied(app, LEAVING)
    assert boris.performs(ACCEPT, case).state == "bought"
    works(app)
    assert asked(case) == []


def test_a_ticket_that_left_before_the_worker_came_is_not_asked(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("A new printer")
    applied(app, LEAVING)
    ann.performs("call_back", case)
    applied(app, changed())
    works(app)
    assert asked(case) == []


def test_what_rests_in_another_ticket_is_asked_nothing(app: Flask, olga: Character, boris: Character) -> None:
    case, other = olga.writes("A new printer"), olga.writes("The same printer")
    with app.app_context(), writing() as here:
        here.get_one(Ticket, other.id).merged_into_id = case.id
    assert applied(app, LEAVING).to_ask == 1
    works(app)
    assert (len(asked(case)), asked(other)) == (1, [])


def test_a_worker_that_dies_half_way_asks_the_rest_and_nobody_again(
    app: Flask, still: None, olga: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [olga.writes(f"Printer {number}") for number in range(3)]
    applied(app, LEAVING)
    done: list[int] = []

    def dies(ticket: Ticket) -> bool:
        if len(done) == 1:
            raise SystemExit
        done.append(ticket.id)
        return really(ticket)

    really = asking.ask_here
    monkeypatch.setattr(asking, "ask_here", dies)
    with pytest.raises(SystemExit):
        works(app)
    monkeypatch.undo()
    assert [len(asked(case)) for case in cases] == [1, 0, 0]
    clock.travel(jobs.LEASE + timedelta(seconds=1))
    works(app)
    assert [len(asked(case)) for case in cases] == [1, 1, 1]
    with app.app_context():
        assert session().scalars(select(jobs.Job.kind).where(jobs.Job.kind == afterwards.ASK)).all() == []


def test_a_ticket_with_which_something_is_wrong_keeps_no_other_waiting(
    app: Flask, still: None, olga: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = olga.writes("Printer"), olga.writes("Chair")
    applied(app, LEAVING)
    really = asking.ask_here

    def breaks(ticket: Ticket) -> bool:
        if ticket.id == first.id:
            raise ValueError("broken")
        return really(ticket)

    monkeypatch.setattr(asking, "ask_here", breaks)
    works(app)
    assert (asked(first), len(asked(second))) == ([], 1)
    monkeypatch.undo()
    clock.travel(timedelta(minutes=1))
    works(app)
    assert len(asked(first)) == 1


def test_a_ticket_that_breaks_each_time_is_given_up_and_administrators_hear_of_it(
    app: Flask, still: None, olga: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 34: also where its portion is done again. It is one job, with longer and longer rests between its tries."""
    case = olga.writes("Printer")
    tries: list[datetime] = []

    def breaks(_: Ticket) -> bool:
        tries.append(clock.now())
        raise ValueError("broken")

    monkeypatch.setattr(asking, "ask_here", breaks)
    applied(app, LEAVING)
    works(app)
    with app.app_context(), writing():
        afterwards.ask_for_consent(revisions.active().id)
    works(app)
    while True:
        with app.app_context():
            (job,) = session().scalars(select(jobs.Job).where(jobs.Job.kind == afterwards.ASK)).all()
            at, state, told = job.run_at, job.state, alarms.standing()
        if state == "dead":
            break
        clock.travel(at - clock.now())
        works(app)
    assert len(tries) == 2 + TRIES, "once with each portion, then alone"
    rests = [later - earlier for earlier, later in pairwise(tries[2:])]
    assert rests[-1] > 50 * rests[0]
    assert [(alarm.subject, alarm.times) for alarm in told] == [(f"job:{afterwards.ASK}", 1)]
    assert "given up after 10 tries" in told[0].sentence
    assert asked(case) == []


def test_a_worker_that_has_not_heard_of_the_change_yet_waits_for_it(
    app: Flask, still: None, olga: Character, boris: Character
) -> None:
    """Another process learns of a desk within a second, and of its work perhaps before that."""
    case = olga.writes("A new printer")
    with app.app_context():
        before = revisions.active()
    applied(app, LEAVING)
    with app.app_context():
        in_force._looked[db.engine] = in_force._Looked(time.monotonic() + 60, before)
    works(app)
    assert asked(case) == []
    with app.app_context():
        del in_force._looked[db.engine]
    clock.travel(timedelta(seconds=1))
    works(app)
    assert len(asked(case)) == 1


def test_many_are_asked_in_portions_and_it_is_announced(
    app: Flask, still: None, olga: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 29: a change of the file floods nobody."""
    monkeypatch.setattr(backlog, "AT_ONCE", 3)
    monkeypatch.setattr(backlog, "PER_MINUTE", 2)
    cases = [olga.writes(f"Printer {number}") for number in range(6)]
    applied(app, LEAVING)
    works(app)
    assert [len(asked(case)) for case in cases] == [1, 1, 1, 0, 0, 0]
    (sentence,) = standing(app)
    assert "consent on 6 tickets" in sentence
    clock.travel(timedelta(minutes=1))
    works(app)
    assert sum(len(asked(case)) for case in cases) == 5
    clock.travel(timedelta(minutes=1))
    works(app)
    assert [len(asked(case)) for case in cases] == [1] * 6
    assert standing(app) == []
