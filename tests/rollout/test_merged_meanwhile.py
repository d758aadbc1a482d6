"""A ticket is merged, the file changes, and the merge is taken back: the ticket stands where it would be had it never
been away (N3, N12).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from helpdesk import clock, timers
from helpdesk.db import session
from helpdesk.rollout import apply as rollout
from helpdesk.rollout.ways import Moves
from helpdesk.tickets.approvals import open_round
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows import revisions
from tests.cast import Case, Character, hire

DESK = """\
version: 1
company: {name: Acme, url: "https://acme.example", languages: [en], timezone: Europe/Tallinn, currency: EUR}
roles:
  agent: {label: Agent, may: [create, be_assigned, merge]}
  manager: {label: Manager, includes: [agent]}
emails:
  please: {subject: "Please decide", body: "{{ links.approve }}"}
workflows:
  case:
    label: Cases
    initial: new
    ref: "C-{number}"
    states:
      new:
        label: New
        customer_label: New
        visible_to: [agent]
        actions: [wait, ask, merge, quiet, take]
        on_message: {other: note}
      waiting:
        label: Waiting
        customer_label: Waiting
        visible_to: [agent]
        actions: [merge, quiet, close]
        on_message: {other: note}
        timers: [{after: 7d, do: remind}]
      consent:
        label: Consent
        customer_label: Waiting
        visible_to: [agent]
        actions: [merge, quiet, close]
        on_message: {other: note}
        approve: {by: [manager], within: 2d, email: please, accept: close, reject: close, expired: again}
      done: {label: Done, customer_label: Done, visible_to: [agent], final: true, actions: [again, wait]}
    actions:
      note: {type: comment, label: Note, allow: [agent], fields: [message]}
      take: {type: assign, label: Take, allow: [agent], assign: actor}
      wait: {type: set_fields, label: Wait, allow: [agent], to: waiting}
      ask: {type: set_fields, label: Ask, allow: [agent], to: consent}
      merge: {type: merge, label: Merge, allow: [agent], to: done}
      quiet: {type: merge, label: Quietly, allow: [agent]}
      close: {type: close, label: Close, allow: [agent], to: done}
      remind: {type: notify, label: Remind, automatic: true, emails: [{to: ["role:manager"], subject: S, body: B}]}
      again: {type: reopen, label: Again, allow: [agent], to: new}
sources:
  support_mail: {type: email, address: support@acme.example, workflow: case}
"""
WAITING, CONSENT = "      waiting:\n", "      consent:\n"
MERGES = pytest.mark.parametrize("merge", ["merge", "quiet"])


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    path = tmp_path / "workflows.yaml"
    path.write_text(DESK)
    return replace(settings, workflows=str(path))


@pytest.fixture
def ann(app: Flask) -> Character:
    return hire(app, "ann@acme.example", "Ann", roles=["agent"])


@pytest.fixture
def boris(app: Flask) -> Character:
    return hire(app, "boris@acme.example", "Boris", roles=["manager"])


def text_of(*changes: tuple[str, str], text: str = DESK) -> str:
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return text


def renamed(old: str, new: str, *, text: str = DESK) -> str:
    """The state has another name, in the file and wherever an action leads to it."""
    return text_of(
        (f"      {old}:\n", f"      {new}:\n        renamed_from: {old}\n"), (f"to: {old}}}", f"to: {new}}}"), text=text
    )


def applies(app: Flask, text: str, *, moves: Moves | None = None) -> None:
    with app.app_context():
        rollout.apply({"workflows.yaml": text}, author="Boris", moves=moves)


def merged(olga: Character, ann: Character, step: str, merge: str) -> Case:
    """A ticket of the state that `step` leads to, in another one."""
    other, case = olga.writes("Printer"), olga.writes("The same printer")
    ann.performs(step, case)
    ann.performs(merge, case, into_ticket=other.ref)
    return case


def take_back(ann: Character, case: Case, merge: str) -> None:
    ann.performs(merge, case, undo_this="yes")


def running(app: Flask, case: Case) -> list[tuple[str, datetime]]:
    with app.app_context():
        rows = select(Timer.action, Timer.due_at).where(Timer.ticket_id == case.id).order_by(Timer.id)
        return [tuple(row) for row in session().execute(rows)]


def asked(case: Case) -> list[str]:
    return [mail.recipient for mail in case.mails if mail.role == "approvers"]


@MERGES
def test_it_stands_in_the_states_new_name_with_its_clocks(
    app: Flask, still: None, olga: Character, ann: Character, merge: str
) -> None:
    case = merged(olga, ann, "wait", merge)
    clock.travel(timedelta(hours=1))
    applies(app, renamed("waiting", "on_hold"))
    take_back(ann, case, merge)
    assert case.state == "on_hold"
    assert running(app, case) == [("remind", clock.now() + timedelta(days=7))], "it stood still for that hour"
    assert case.events[-1].to_state == "on_hold"


def test_it_follows_every_change_there_was_also_where_a_name_is_used_again(
    app: Flask, olga: Character, ann: Character
) -> None:
    case = merged(olga, ann, "wait", "merge")
    applies(app, renamed("waiting", "on_hold"))
    again = renamed("on_hold", "parked", text=renamed("waiting", "on_hold")).replace(
        "        renamed_from: waiting\n", ""
    )
    applies(app, again)
    fresh = text_of(
        (
            "      done:",
            "      waiting: {label: W, customer_label: W, visible_to: [agent], actions: [close]}\n      done:",
        ),
        ("to: consent}", 'to: [{when: "ticket.subject", to: consent}, {to: waiting}]}'),
        text=again,
    )
    applies(app, fresh)
    take_back(ann, case, "merge")
    assert case.state == "parked", "“waiting” is another state by now"


@MERGES
def test_where_its_state_handed_its_tickets_on_it_arrives_there(
    app: Flask, still: None, olga: Character, ann: Character, merge: str
) -> None:
    case = merged(olga, ann, "ask", merge)
    leaving = text_of((CONSENT, CONSENT + "        move_to: waiting\n"))
    applies(app, leaving)
    clock.travel(timedelta(days=3))
    take_back(ann, case, merge)
    assert case.state == "waiting"
    assert running(app, case) == [("remind", clock.now() + timedelta(days=7))], "the clocks of where it is now"
    with app.app_context():
        assert open_round(session().get_one(Ticket, case.id)) is None


@MERGES
def test_it_is_asked_for_consent_where_it_comes_to(
    app: Flask, still: None, olga: Character, ann: Character, boris: Character, merge: str
) -> None:
    case = merged(olga, ann, "wait", merge)
    applies(app, text_of((WAITING, WAITING + "        move_to: consent\n")))
    take_back(ann, case, merge)
    assert (case.state, asked(case)) == ("consent", [boris.email])
    assert boris.performs("approve:accept", case).state == "done"


@MERGES
def test_what_it_was_asked_goes_on_under_the_states_new_name_and_nobody_is_asked_twice(
    app: Flask, still: None, olga: Character, ann: Character, boris: Character, merge: str
) -> None:
    case = merged(olga, ann, "ask", merge)
    clock.travel(timedelta(days=1))
    applies(app, renamed("consent", "approval"))
    take_back(ann, case, merge)
    assert (case.state, asked(case)) == ("approval", [boris.email])
    assert running(app, case) == [("expire", clock.now() + timedelta(days=2))]
    assert boris.performs("approve:accept", case).state == "done"


def test_a_merge_taken_back_without_any_change_asks_nobody_twice(
    app: Flask, still: None, olga: Character, ann: Character, boris: Character
) -> None:
    case = merged(olga, ann, "ask", "merge")
    clock.travel(timedelta(hours=1))
    take_back(ann, case, "merge")
    applies(app, DESK + "# the same\n")
    assert (case.state, asked(case)) == ("consent", [boris.email])
    with app.app_context():
        assert session().get_one(Ticket, case.id).entered_at == clock.now() - timedelta(hours=1), "as it was"
        timers.run_due()


WEEKLY = "timers: [{after: 7d, do: remind}]"


@MERGES
def test_timers_that_came_into_the_file_begin_and_those_that_went_do_not(
    app: Flask, still: None, olga: Character, ann: Character, merge: str
) -> None:
    """As they would have, had it never rested: they count from when it came there, without the time it rested."""
    other, case = olga.writes("Printer"), olga.writes("The same printer")
    ann.performs("wait", case)
    entered = clock.now()
    clock.travel(timedelta(days=1))
    ann.performs(merge, case, into_ticket=other.ref)
    applies(app, text_of((WEEKLY, "timers: [{after: 3d, do: remind}, {after: 5d, do: close}]")))
    clock.travel(timedelta(days=30))
    with app.app_context():
        timers.run_due()
    take_back(ann, case, merge)
    rest = timedelta(days=30)
    assert running(app, case) == [
        ("remind", entered + rest + timedelta(days=3)),
        ("close", entered + rest + timedelta(days=5)),
    ]
    clock.travel(timedelta(days=4))
    with app.app_context():
        timers.run_due()
    assert (case.story[-1], case.state) == ("close", "done")


def test_a_timer_that_stays_in_the_file_goes_on_with_the_runs_it_has_left(
    app: Flask, still: None, olga: Character, ann: Character
) -> None:
    often = WEEKLY.replace("7d, do: remind", "2d, do: remind, repeat: 3")
    applies(app, text_of((WEEKLY, often)))
    other, case = olga.writes("Printer"), olga.writes("The same printer")
    ann.performs("wait", case)
    clock.travel(timedelta(days=2))
    with app.app_context():
        timers.run_due()
    ann.performs("merge", case, into_ticket=other.ref)
    applies(app, text_of((WEEKLY, often.replace("}]", "}, {after: 9d, do: close}]"))))
    take_back(ann, case, "merge")
    with app.app_context():
        rows = select(Timer.action, Timer.runs_left).where(Timer.ticket_id == case.id).order_by(Timer.due_at)
        assert [tuple(row) for row in session().execute(rows)] == [("remind", 2), ("close", 1)]


@MERGES
def test_its_question_goes_on_by_the_time_and_for_whom_the_file_names_now(
    app: Flask, still: None, olga: Character, ann: Character, boris: Character, merge: str
) -> None:
    other, case = olga.writes("Printer"), olga.writes("The same printer")
    clock.travel(timedelta(minutes=1))
    hana = hire(app, "hana@acme.example", "Hana", roles=["agent"])
    hana.performs("ask", case)
    asked_at = clock.now()
    clock.travel(timedelta(hours=6))
    ann.performs(merge, case, into_ticket=other.ref)
    applies(app, text_of(("by: [manager], within: 2d", "by: [agent], within: 1d")))
    clock.travel(timedelta(days=10))
    with app.app_context():
        timers.run_due()
    assert asked(case) == [boris.email]
    take_back(ann, case, merge)
    until = asked_at + timedelta(days=11)
    assert running(app, case) == [("expire", until)], "a day, and the ten that it rested"
    with app.app_context():
        round = open_round(session().get_one(Ticket, case.id))
        assert round is not None
        assert round.due_at == until
    assert asked(case) == [boris.email, ann.email], "who brought it there has no vote"
    assert ann.performs("approve:accept", case).state == "done"


def test_a_state_that_is_gone_without_a_trace_has_it_begin_anew(app: Flask, olga: Character, ann: Character) -> None:
    case = merged(olga, ann, "wait", "merge")
    without = DESK.replace(DESK[DESK.index(WAITING) : DESK.index(CONSENT)], "")
    without = without.replace("actions: [wait, ask, ", "actions: [ask, ").replace(
        "actions: [again, wait]", "actions: [again]"
    )
    lines = [line for line in without.splitlines() if not line.startswith(("      wait:", "      remind:"))]
    applies(app, "\n".join(lines) + "\n")
    take_back(ann, case, "merge")
    assert case.state == "new"


@MERGES
def test_it_stands_in_a_workflow_that_exists(app: Flask, olga: Character, ann: Character, merge: str) -> None:
    case = merged(olga, ann, "wait", merge)
    service = text_of(("  case:\n", "  service:\n"), ("workflow: case", "workflow: service"))
    moves = {("case", state): f"service.{state}" for state in ("new", "waiting", "consent", "done")}
    applies(app, service, moves=moves)
    take_back(ann, case, merge)
    with app.app_context():
        ticket = session().get_one(Ticket, case.id)
        assert (ticket.workflow, ticket.state) == ("service", "waiting")
        assert ticket.workflow in revisions.active().desk.workflows


def test_an_assignee_who_would_not_see_it_there_does_not_have_it_any_more(
    app: Flask, olga: Character, ann: Character
) -> None:
    other, case = olga.writes("Printer"), olga.writes("The same printer")
    ann.performs("take", case)
    ann.performs("wait", case)
    ann.performs("merge", case, into_ticket=other.ref)
    visible = WAITING + "        label: Waiting\n        customer_label: Waiting\n        visible_to: "
    applies(app, text_of((visible + "[agent]", visible + "[manager]")))
    take_back(ann, case, "merge")
    assert (case.state, case.assignee) == ("waiting", None)
    assert "does not see tickets here" in case.events[-1].data["assigned"]["why"][0]
