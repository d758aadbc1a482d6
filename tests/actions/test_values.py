"""What somebody enters into an action: the sentences of WORKFLOW.md about inputs, asked of the real door."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import intake
from helpdesk.db import session
from helpdesk.errors import Invalid, NotFound
from helpdesk.tickets.models import Attachment
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.workflows import revisions
from tests.actions.desks import AGAIN, DONE, OPEN, in_force
from tests.cast import Case, Character

FIELDS = """
kind: {type: choice, label: Kind, choices: {a: A, b: B}}
serial: {type: text, label: Serial, pattern: '[A-Z]{2}\\d+', show_if: "fields.kind == 'a'"}
note: {type: text, label: Note}
price: {type: money, label: Price}
items: {type: number, label: Items}
checked: {type: checkbox, label: Checked}
sure: {type: agreement, label: Sure, required: true, keep: action}
paper: {type: file, label: Paper, keep: action}
due: {type: datetime, label: Due, keep: action}
soon: {type: datetime, label: Soon, keep: action, min: 2026-03-30 09:00, max: 2026-03-31}
day: {type: date, label: Day, keep: action, min: 2026-03-30 09:00, max: 2026-03-31}
site: {type: url, label: Site, keep: action}
team: {type: group, label: Team, keep: action, default: nobody}
boss: {type: user, label: Boss, keep: action, default: nobody@acme.example}
level: {type: choice, label: Level, choices: {low: Low, high: High}, default: low}
"""
DESK = {
    "fields": FIELDS,
    "workflow": "fields: [kind, serial, note, price, items, checked, level]",
    "states": f"""
        new: {{{OPEN}, actions: [fill, need, say, must, pay, sign, hang, branch, once, bare, odd, gone]}}
        {DONE}""",
    "actions": f"""
        fill: {{type: set_fields, label: Fill, allow: [agent], fields: [kind, serial, note, price, items, checked]}}
        need: {{type: set_fields, label: Need, allow: [agent], fields: [{{use: note, required: true}}, {{use: checked,
            required: true}}]}}
        say: {{type: reply, label: Say, allow: [agent], fields: [message, files]}}
        must: {{type: set_fields, label: Must, allow: [agent], fields: [{{use: message, required: true}}]}}
        pay: {{type: receive_payment, label: Pay, allow: [agent], fields: [{{use: amount, required: false,
            show_if: "fields.kind == 'a'"}}]}}
        sign: {{type: set_fields, label: Sign, allow: [agent], fields: [sure]}}
        hang: {{type: set_fields, label: Hang, allow: [agent], customer: see, fields: [paper, message]}}
        branch: {{type: set_fields, label: Branch, allow: [agent], to: [{{when: "fields.items > 2", to: done}},
            {{when: "fields.price != 5 or fields.price == 5", to: same}}]}}
        once: {{type: set_fields, label: Once, allow: [agent], fields: [{{use: note, keep: action}}, subject,
            {{use: level, required: true}}]}}
        odd: {{type: set_fields, label: Odd, allow: [agent], fields: [items, price, due, soon, day, site]}}
        gone: {{type: set_fields, label: Gone, allow: [agent], fields: [{{use: team, required: true}},
            {{use: boss, required: true}}]}}
        bare: {{type: comment, label: Bare, allow: [agent], fields: [message]}}
        {AGAIN}""",
}


@pytest.fixture
def case(app: Flask, olga: Character) -> Any:
    in_force(app, **DESK)
    return olga.writes("Hello")


def code(who: Character, action: str, case: Any, **values: Any) -> tuple[str, dict[str, str]]:
    with pytest.raises(Invalid) as refused:
        who.performs(action, case, **values)
    return refused.value.code, refused.value.problems


def test_an_empty_value_clears_an_optional_field_and_is_refused_for_a_required_one(case: Any, ann: Character) -> None:
    ann.performs("fill", case, note="Old", items="3")
    ann.performs("fill", case, items="4")
    assert case.fields == {"note": "Old", "items": Decimal(4)}, "what is not given stays"
    ann.performs("need", case, checked="no")
    assert case.fields["note"] == "Old", "a required field that the ticket holds is satisfied"
    for empty in ("", "   ", None):
        assert code(ann, "need", case, note=empty)[0] == "required"
    for empty in ("", " ", None):
        ann.performs("fill", case, note="Old")
        ann.performs("fill", case, note=empty)
        assert "note" not in case.fields
    assert case.events[-1].data["values"] == [{"name": "note", "label": "Note", "shown": ""}]


def test_a_value_that_is_not_asked_is_refused(case: Any, ann: Character) -> None:
    assert code(ann, "fill", case, colour="red")[0] == "invalid"
    assert code(ann, "fill", case, colour="")[0] == "invalid"
    assert code(ann, "fill", case, state="done")[0] == "invalid"
    assert code(ann, "need", case, kind="a", note="x", checked="no")[0] == "invalid", (
        "a field of the ticket, not asked here"
    )


def test_a_hidden_field_takes_no_value_and_is_not_cleared_behind_the_forms_back(case: Any, ann: Character) -> None:
    """Attack 56."""
    ann.performs("fill", case, kind="a", serial="AB12")
    assert code(ann, "fill", case, kind="b", serial="CD34")[0] == "hidden"
    ann.performs("fill", case, kind="b", serial="")
    assert case.fields == {"kind": "b", "serial": "AB12"}, "an empty box that nobody saw says nothing"
    assert code(ann, "fill", case, kind="", serial="CD34")[0] == "hidden", "the kind is cleared by this very run"
    ann.performs("fill", case, kind="a", serial="")
    assert case.fields == {"kind": "a"}


def test_a_pattern_is_for_the_whole_value(case: Any, ann: Character) -> None:
    for wrong in ("xAB12", "AB12x", "AB12\nmore", "AB"):
        assert code(ann, "fill", case, kind="a", serial=wrong)[0] == "invalid"
    ann.performs("fill", case, kind="a", serial=" AB12 ")
    assert case.fields["serial"] == "AB12"


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": "1e9999999"},
        {"items": "1e-9999999"},
        {"items": "0e-9999999"},
        {"price": "1e9999999"},
        {"due": "0001-01-01 00:00"},
        {"due": "9999-12-31 23:59"},
        {"due": "9999-12-31 23:59-12:00"},
        {"site": "http://[not/an/address"},
    ],
    ids=str,
)
def test_what_no_number_clock_or_address_can_be_is_refused_with_a_sentence(
    case: Any, ann: Character, wrong: dict[str, str]
) -> None:
    """Attack 91: a few characters that would become a gigabyte of digits, or the moment before time began."""
    refused, problems = code(ann, "odd", case, **wrong)
    assert refused == "invalid"
    assert all(sentence.startswith("“") for sentence in problems.values()), problems


def test_a_default_that_is_nobody_any_more_is_refused_with_a_sentence(case: Any, ann: Character) -> None:
    assert code(ann, "gone", case) == (
        "invalid",
        {
            "team": "There is no group “nobody”.",
            "boss": "Nobody of the staff has the address nobody@acme.example.",
        },
    )


def test_bounds_of_a_moment_are_the_desks_own_clock_and_a_day_is_all_of_it(case: Any, ann: Character) -> None:
    """The desk's clock is two or three hours ahead of the one that moments are kept in."""
    for early in ("2026-03-30 08:59", "2026-03-29 23:00", "2026-03-30T05:59Z"):
        assert code(ann, "odd", case, soon=early)[1] == {"soon": "“Soon” must not be before 2026-03-30 09:00."}
    for late in ("2026-04-01 00:00", "2026-03-31T21:00Z"):
        assert code(ann, "odd", case, soon=late)[1] == {"soon": "“Soon” must not be after 2026-03-31."}
    for fits in ("2026-03-30 09:00", "2026-03-31 23:59", "2026-03-31T20:59Z"):
        ann.performs("odd", case, soon=fits)
    assert code(ann, "odd", case, day="2026-03-29")[0] == code(ann, "odd", case, day="2026-04-01")[0] == "invalid"
    ann.performs("odd", case, day="2026-03-30")
    ann.performs("odd", case, day="2026-03-31")


def test_a_message_is_optional_unless_it_is_required(case: Any, ann: Character) -> None:
    for empty in ("", "  \n", Rich(""), Rich.from_html("<p> </p>")):
        assert code(ann, "must", case, message=empty)[0] == "required"
        assert code(ann, "say", case, message=empty)[0] == "required"
        assert code(ann, "bare", case, message=empty)[0] == "required"
    ann.performs("hang", case, message="")
    assert len(case.messages) == 1


def test_files_alone_are_a_reply(app: Flask, case: Any, ann: Character) -> None:
    with app.app_context():
        file = Upload.keep(b"x", filename="a.txt", content_type="text/plain")
    ann.performs("say", case, files=[file])
    assert case.messages[-1].text == ""


def test_the_parts_of_a_payment_are_required_whatever_the_file_says(case: Any, ann: Character) -> None:
    assert code(ann, "pay", case, method="cash")[0] == "required"
    assert code(ann, "pay", case, amount="5")[0] == "required"
    for wrong in ("0", "-1", "0.001", "much"):
        assert code(ann, "pay", case, amount=wrong, method="cash")[0] == "invalid"
    ann.performs("pay", case, amount="0.01", method="cash")
    assert [payment.amount for payment in case.payments] == [Decimal("0.01")]


def test_an_agreement_counts_only_when_ticked(case: Any, ann: Character) -> None:
    for no in ({}, {"sure": ""}, {"sure": "no"}):
        assert code(ann, "sign", case, **no)[0] == "required"
    ann.performs("sign", case, sure="yes")
    assert "sure" not in case.fields, "it stands in the history only"


def test_a_file_of_a_field_hangs_on_the_ticket_under_its_name(app: Flask, case: Any, ann: Character) -> None:
    with app.app_context():
        file = Upload.keep(b"x", filename="offer.pdf", content_type="application/pdf")
    ann.performs("hang", case, paper=[file], message="See there")
    assert case.events[-1].data["values"] == [{"name": "paper", "label": "Paper", "shown": "offer.pdf"}]
    with app.app_context():
        assert session().scalars(select(Attachment.filename)).all() == ["offer.pdf"]


def test_a_file_of_a_forms_field_hangs_on_the_new_ticket(app: Flask) -> None:
    asked = "email, message, {use: paper, keep: ticket}"
    form = f"web: {{type: form, slug: web, label: Write, workflow: case, fields: [{asked}]}}"
    carried = DESK["workflow"].replace("level]", "level, paper]")
    in_force(app, **{**DESK, "workflow": carried}, sources=form)
    with app.app_context():
        paper = (Upload.keep(b"x", filename="offer.pdf", content_type="application/pdf"),)
        said = {"message": "Hello", "paper": paper}
        source = revisions.active().desk.sources["web"]
        received = intake.receive(intake.Inbound.entered(source, said, address="olga@example.org"))
        case = Case(app, received.ticket_id)
    assert case.fields == {"paper": ("offer.pdf",)}
    assert case.events[0].data["values"] == [{"name": "paper", "label": "Paper", "shown": "offer.pdf"}]
    with app.app_context():
        assert session().scalars(select(Attachment.filename)).all() == ["offer.pdf"]


def test_a_value_for_the_history_stays_off_the_ticket_and_a_default_fills_a_gap(case: Any, ann: Character) -> None:
    ann.performs("once", case, note="Only said", subject="New words")
    assert (case.fields, case.subject) == ({"level": "low"}, "New words")
    assert [line["shown"] for line in case.events[-1].data["values"]] == ["Only said", "New words", "Low"]
    ann.performs("once", case, level="high")
    ann.performs("once", case)
    assert case.fields == {"level": "high"}, "what the ticket holds comes before the default"


def test_a_missing_value_compares_as_false_and_numbers_are_exact(case: Any, ann: Character) -> None:
    outcome = ann.performs("branch", case)
    assert (outcome.state, outcome.entered) == ("new", False), "no branch holds: it stays"
    ann.performs("fill", case, items="2.0000000000001")
    ann.performs("branch", case)
    assert case.state == "done"


def test_a_stranger_cannot_tell_a_missing_action_from_a_missing_ticket(
    case: Any, mallory: Character, kadri: Character
) -> None:
    said = set()
    for action in ("fill", "no_such_action"):
        with pytest.raises(NotFound) as refused:
            mallory.performs(action, case)
        said.add(refused.value.sentence)
    assert said == {"There is no such ticket."}
