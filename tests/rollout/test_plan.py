"""`plan`: what a changed file would do to the tickets that are live (N2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk import clock
from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.rollout.plan import Plan, plan
from helpdesk.rollout.ways import Pair
from helpdesk.tickets.models import Event, Ticket
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.rollout.changes import DESK, LEAVING, RENAMED, WITHOUT_WAITING, changed
from tests.statements import listening


def planned(app: Flask, texts: Mapping[str, str], moves: Mapping[Pair, str] | None = None) -> Plan:
    with app.app_context():
        return plan(texts, moves=moves)


@pytest.fixture
def waiting(app: Flask, olga: Character, ann: Character) -> int:
    """Fourteen tickets wait for the customer, with Ann, who answered them."""
    for number in range(14):
        ann.performs("reply", olga.writes(f"Printer {number}"), text="Which floor?")
    return 14


def test_a_file_that_says_the_same_changes_nothing(app: Flask, waiting: int) -> None:
    found = planned(app, {"workflows.yaml": "# A remark moves every line.\n" + DESK})
    assert found.ready
    assert found.sentences == ()
    assert found.differences == ()
    assert found.tickets == waiting


def test_tickets_in_a_removed_state_are_counted_and_stand_in_the_way(app: Flask, waiting: int) -> None:
    found = planned(app, WITHOUT_WAITING)
    assert not found.ready
    assert found.sentences[0] == "14 tickets are in the removed state “waiting” of “repair”."
    assert "workshop" in found.stranded[0].choices
    mapped = planned(app, WITHOUT_WAITING, {("repair", "waiting"): "new"})
    assert mapped.ready
    assert "14 tickets of “waiting” would be moved to “new”." in mapped.sentences


def test_a_mapping_to_a_state_that_is_not_there_is_refused(app: Flask, waiting: int) -> None:
    with pytest.raises(Invalid, match="There is no state “nwe” in “repair”"):
        planned(app, WITHOUT_WAITING, {("repair", "waiting"): "nwe"})


def test_a_renamed_state_takes_its_tickets_along(app: Flask, waiting: int) -> None:
    found = planned(app, RENAMED)
    assert found.ready
    assert found.sentences == ("14 tickets of “waiting” come along under the new name “on_hold”.",)
    (renamed, *_) = found.differences
    assert str(renamed) == "The state “waiting” of “repair” is called “on_hold” now."


def test_who_loses_tickets_that_move_out_of_their_sight_is_told(app: Flask, waiting: int) -> None:
    found = planned(app, LEAVING)
    assert "14 tickets of “waiting” would be moved to “workshop”." in found.sentences
    (lost,) = (effect for effect in found.effects if effect.kind == "assignee_lost")
    assert (lost.state, lost.tickets) == ("waiting", 14)
    assert lost.sentence == (
        "14 tickets of “waiting” lose the person they are with: the assignees do not see them any more."
    )


def test_lost_buttons_are_counted(app: Flask, waiting: int) -> None:
    found = planned(app, changed(("actions: [reply, comment, quote, close]", "actions: [comment, quote, close]")))
    assert "14 tickets of “waiting” lose the action “Reply”." in found.sentences
    assert "“agent” may no longer “reply” in “waiting” of “repair” (14 tickets)." in found.sentences
    assert "“accountant”" not in " ".join(found.sentences)


def test_rights_are_compared_role_by_role_and_state_by_state(app: Flask, waiting: int) -> None:
    found = planned(
        app,
        changed(
            ("visible_to: [agent]\n        actions: [reply, comment, quote, close]",
             "visible_to: [manager]\n        actions: [reply, comment, quote, close]"),
            ("close: {type: close, label: Close, button: {confirm: true}, allow: [agent, accountant]",
             "close: {type: close, label: Close, button: {confirm: true}, allow: [agent]"),
        ),
    )  # fmt: skip
    told = {(one.holder, one.state): one for one in found.rights}
    assert told["agent", "waiting"].sight is False
    assert told["agent", "waiting"].tickets == 14
    assert told["front", "waiting"].lost == ("close", "comment", "details", "quote", "reply", "take")
    assert ("manager", "waiting") not in told
    assert told["accountant", "awaiting_payment"].lost == ("close",)


def test_timers_that_would_fire_at_once_are_counted(app: Flask, waiting: int, olga: Character, ann: Character) -> None:
    shorter = changed(("timers: [{after: 7d, do: close_silent}]", "timers: [{after: 2d, do: close_silent}]"))
    with clock.frozen(clock.now() + timedelta(days=3)):
        ann.performs("reply", olga.writes("A fresh one"), text="Which floor?")
        found = planned(app, shorter)
    (due,) = (effect for effect in found.effects if effect.kind == "timer_due")
    assert (due.subject, due.tickets) == ("close_silent", 14)
    assert due.sentence == "“close_silent” would run at once: 14 tickets have been in “waiting” for 2d or longer."


def test_values_without_a_field_and_doors_that_close_are_told(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer")
    ann.performs("details", case, kind="technical", serial="AB123456")
    found = planned(
        app,
        changed(
            (DESK[DESK.index("  serial: {") : DESK.index("  price: {")], ""),
            ("    fields: [kind, serial, price]\n", "    fields: [kind, price]\n"),
            (", fields: [kind, serial]}", ", fields: [kind]}"),
            ("{use: serial, show_if: \"fields.kind == 'technical'\"}", "message"),
            ("fields: [name, email, kind, serial,", "fields: [name, email, kind,"),
            ("slug: contact", "slug: write"),
            ("address: support@acme.example", "address: help@acme.example"),
        ),
    )
    assert [finding.code for finding in found.errors] == []
    told = " ".join(found.sentences)
    assert "The field “serial” is gone; 1 ticket holds a value of it." in told
    assert "Nothing comes through mail to support@acme.example any more." in told
    assert "Nothing comes through the form /forms/contact any more." in told


def test_a_file_with_errors_cannot_be_applied_and_says_where(app: Flask, waiting: int) -> None:
    found = planned(app, changed(("initial: new", "initial: nwe")))
    assert not found.ready
    assert found.errors[0].code == "unknown_state"
    assert found.as_dict()["findings"][0]["line"] == found.errors[0].line


def test_a_workflow_that_goes_strands_its_tickets(app: Flask, waiting: int) -> None:
    found = planned(
        app, changed(("  repair:\n", "  mending:\n"), ("workflow: repair", "workflow: mending"), every=True)
    )
    assert found.sentences[0] == "14 tickets are in the removed workflow “repair”, in “waiting”."
    assert planned(
        app,
        changed(("  repair:\n", "  mending:\n"), ("workflow: repair", "workflow: mending"), every=True),
        {("repair", "waiting"): "mending.waiting"},
    ).ready


def test_a_plan_asks_a_handful_of_questions_and_changes_nothing(app: Flask, waiting: int) -> None:
    asked: list[str] = []
    with app.app_context():
        before = session().scalar(select(func.count(Event.id)))
        with listening(app, lambda statement, _values, _context: asked.append(statement)):
            found = plan(LEAVING)
        assert found.as_dict()["moves"][0]["tickets"] == 14
        assert session().scalar(select(func.count(Event.id))) == before
        assert session().scalar(select(func.count()).where(Ticket.state == "waiting")) == 14
        assert revisions.active().id == found.base
    assert len(asked) <= 6, asked


def test_the_files_own_tests_are_played_where_asked(app: Flask) -> None:
    with app.app_context():
        report = plan({"workflows.yaml": DESK}, tests=True).tests
    assert report is not None
    assert report.passed
