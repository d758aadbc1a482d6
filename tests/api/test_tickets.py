"""Tickets by the API: the same doors, the same rights, the same object as `helpdesk ticket show --json` (N9)."""

from __future__ import annotations

import base64

import pytest
from flask import Flask

from helpdesk.people import find
from helpdesk.tickets import views
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.conftest import DESK
from tests.program import Program

OLGA, ANN, KADRI = "olga@example.org", "ann@acme.example", "kadri@acme.example"


def seen(app: Flask, email: str, ref: str) -> object:
    with app.app_context():
        person = find.by_email(email)
        assert person is not None
        return views.view(person, ref)


def test_a_repair_is_led_to_its_payment_by_programs(
    app: Flask, olga: Character, ann: Character, kadri: Character
) -> None:
    case = olga.writes("Printer on fire")
    agent, accountant, customer = Program(app, ANN), Program(app, KADRI), Program(app, OLGA)
    body = b'{"values": {"price": 120.50}}'  # as it is written: no amount passes through a float
    quoted = agent.posts(f"/tickets/{case.ref}/actions/quote", data=body, content_type="application/json")
    assert (quoted.status_code, quoted.json["state"], quoted.json["in_sight"]) == (200, "awaiting_payment", False)
    assert quoted.json["ticket"] is None
    shown = accountant.gets(f"/tickets/{case.ref}")
    assert shown.json["fields"] == {"price": "120.50"}
    assert shown.json["actions"] == ["receive_payment", "remind", "close"]
    paid = accountant.does(case.ref, "receive_payment", amount="120.50", method="card")
    assert paid.json["state"] == "in_repair"
    told = customer.gets(f"/tickets/{case.ref}").json
    assert [event["action"] or event["kind"] for event in told["events"]] == [
        "opened",
        "ask_payment",
        "receive_payment",
    ]
    assert "acme.example" not in customer.gets(f"/tickets/{case.ref}").text.replace("desk.acme.example", "")


def test_a_ticket_is_the_very_object_that_the_command_line_prints(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer on fire")
    ann.performs("reply", case, text="Which floor?")
    for email in (OLGA, ANN):
        assert Program(app, email).gets(f"/tickets/{case.ref}").json == seen(app, email, case.ref)


def test_a_customer_opens_a_request_and_is_not_asked_who_they_are(app: Flask, olga: Character) -> None:
    olga.writes("Before")
    program = Program(app, OLGA)
    photo = {"filename": "../photo.png", "content_type": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}
    sent = {"subject": "Printer", "message": "It <b>burns</b>", "kind": "technical", "files": [photo], "consent": True}
    answer = program.posts("/tickets", {"source": "contact_form", "values": sent})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/v1/tickets/{answer.json['ref']}"
    ticket = program.gets(answer.headers["Location"].removeprefix("/api/v1")).json
    assert (ticket["subject"], ticket["requester"], ticket["fields"]) == ("Printer", OLGA, {"kind": "technical"})
    (message,) = ticket["messages"]
    assert (message["text"], message["html"]) == ("It <b>burns</b>", None)
    (file,) = message["attachments"]
    assert (file["filename"], file["size"]) == ("photo.png", 4)
    fetched = program.gets(f"/tickets/{ticket['ref']}/attachments/{file['id']}")
    assert (fetched.data, fetched.mimetype) == (b"\x89PNG", "application/octet-stream")
    for values, name in (({"email": "mallory@evil.example"}, "email"), ({"colour": "red"}, "colour")):
        refused = program.posts("/tickets", {"source": "contact_form", "values": {**sent, **values}})
        assert (refused.status_code, [*refused.json["problems"]]) == (422, [name])


def test_an_agent_opens_one_for_a_customer_with_the_right_to_and_nobody_else(
    app: Flask, ann: Character, edgar: Character, mallory: Character
) -> None:
    body = {"source": "contact_form", "for": OLGA, "values": {"subject": "By phone", "message": "She called."}}
    opened = Program(app, ANN).posts("/tickets", body)
    assert (opened.status_code, opened.json["ticket"]["requester"]) == (201, OLGA), opened.text
    assert opened.json["ticket"]["events"][0]["actor"] == ANN
    for who in ("edgar@acme.example", "mallory@evil.example"):
        assert Program(app, who).posts("/tickets", body).status_code == 404


def test_a_request_that_is_sent_again_is_answered_as_before_without_the_right_to(
    app: Flask, ann: Character, edgar: Character
) -> None:
    """attack 96: whoever lost the right `create` since hears what their request had done; another one is refused"""
    body = {"source": "contact_form", "for": OLGA, "values": {"subject": "By phone", "message": "She called."}}
    program, once = Program(app, ANN), {"Idempotency-Key": "the-call"}
    first = program.posts("/tickets", body, headers=once)
    assert first.status_code == 201, first.text
    with app.app_context():
        assert revisions.adopt(DESK.read_text().replace("may: [create, ", "may: ["), author="the tests").revision
    again = program.posts("/tickets", body, headers=once)
    assert (again.status_code, again.json["how"], again.json["ref"]) == (200, "repeated", first.json["ref"])
    assert again.headers["Location"] == first.headers["Location"]
    assert program.posts("/tickets", body, headers={"Idempotency-Key": "another"}).status_code == 404
    assert Program(app, "edgar@acme.example").posts("/tickets", body, headers=once).status_code == 404
    assert len(Program(app, ANN).gets("/tickets").json["tickets"]) == 1


def test_a_subject_that_names_a_ticket_is_no_way_into_it(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 58: opening opens, also through a mailbox; a page has no way to speak as somebody in their ticket."""
    case = olga.writes("Printer on fire")
    body = {"source": "support_mail", "for": OLGA, "values": {"subject": case.ref, "message": "As if it were her."}}
    answer = Program(app, ANN).posts("/tickets", body)
    assert (answer.status_code, answer.json["how"]) == (201, "opened")
    assert answer.json["ref"] != case.ref
    assert len(case.messages) == 1
    empty = Program(app, OLGA).posts("/tickets", {"source": "support_mail"})
    assert (empty.status_code, empty.json["code"]) == (422, "required")


def test_a_message_is_text_or_cleaned_html(app: Flask, olga: Character, ann: Character) -> None:
    """attack 10: by the very cleaner of the desk's editor"""
    case = olga.writes("Printer on fire")
    html = '<p>Which <b onclick="x()">floor</b>?</p><script>x</script>'
    done = Program(app, ANN).does(case.ref, "reply", message={"html": html})
    assert done.status_code == 200, done.text
    newest = done.json["ticket"]["messages"][-1]
    assert (newest["html"], newest["text"]) == ("<p>Which <b>floor</b>?</p>", "Which floor?")
    assert Program(app, ANN).does(case.ref, "reply", message={"html": html, "text": "x"}).status_code == 422


def test_a_stale_program_hears_what_changed(app: Flask, olga: Character, ann: Character, boris: Character) -> None:
    case = olga.writes("Printer on fire")
    version = case.version
    boris.performs("comment", case, text="I look at it.")
    body = {"values": {"message": "Which floor?"}, "seen": version}
    late = Program(app, ANN).posts(f"/tickets/{case.ref}/actions/reply", body)
    assert (late.status_code, late.json["code"]) == (409, "stale")
    assert len(late.json["changes"]) == 1
    assert "Boris" in late.json["changes"][0]
    assert (
        Program(app, ANN).posts(f"/tickets/{case.ref}/actions/reply", {**body, "seen": case.version}).status_code == 200
    )


def test_what_is_refused_changes_nothing_and_says_why(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer on fire")
    program, before = Program(app, ANN), case.version
    for action, values, status, code, problems in (
        ("finish", {}, 404, "not_found", None),
        ("no_such", {}, 404, "not_found", None),
        ("reopen", {}, 409, "not_now", None),
        ("quote", {}, 422, "required", {"price": "Please fill in “Price”."}),
        ("quote", {"price": "dear"}, 422, "invalid", {"price": "“Price” must be an amount of money."}),
        ("quote", {"price": True}, 422, "invalid", {"price": "“Price” takes no true or false."}),
        ("quote", {"price": ["12"]}, 422, "invalid", {"price": "“Price” takes one value, not a list."}),
        ("quote", {"price": {"amount": 1}}, 422, "invalid", {"price": "“Price” takes a text or a number."}),
        ("quote", {"price": 12, "colour": 1}, 422, "invalid", {"colour": "“colour” is not asked here."}),
    ):
        answer = program.does(case.ref, action, **values)
        assert (answer.status_code, answer.json["code"]) == (status, code), (action, values, answer.text)
        assert answer.json.get("problems") == problems
        assert answer.mimetype == "application/problem+json"
    assert case.version == before


@pytest.mark.parametrize("who", ["mallory@evil.example", KADRI])
def test_a_ticket_that_is_not_theirs_is_not_there(
    app: Flask, olga: Character, mallory: Character, kadri: Character, who: str
) -> None:
    """attacks 43 and 45: neither looking nor acting tells a foreign ticket from one that does not exist"""
    case = olga.writes("Printer on fire")
    other = Character(app, who).writes("Mine")
    program = Program(app, who)
    for path in ("", "/messages", "/events", "/deliveries", "/actions", "/attachments/1"):
        there, missing = (program.gets(f"/tickets/{ref}{path}") for ref in (case.ref, "R-999999"))
        assert (there.status_code, there.data) == (missing.status_code, missing.data) == (404, there.data)
    for action in ("reply", "no_such_action"):
        there, missing = (program.does(ref, action, message="x") for ref in (case.ref, "R-999999"))
        assert (there.status_code, there.data) == (missing.status_code, missing.data) == (404, there.data)
    assert case.ref not in program.gets("/tickets").text
    assert case.ref not in program.gets("/tickets", query="Printer").text
    assert other.ref in program.gets(f"/tickets/{other.ref}").text


def test_lists_go_on_page_by_page_and_miss_nothing(app: Flask, olga: Character, ann: Character) -> None:
    written = [olga.writes(f"Printer {number}") for number in range(7)]
    cases = [case.ref for case in written]
    ann.performs("take", written[2])
    for email, query in ((ANN, {}), (OLGA, {}), (ANN, {"query": "printer"}), (OLGA, {"query": "Printer"})):
        program, found, place = Program(app, email), [], ""
        while place is not None:
            page = program.gets("/tickets", limit=3, **query, **({"before": place} if place else {})).json
            found += [row["ref"] for row in page["tickets"]]
            place = page["next"]
        assert sorted(found) == sorted(cases), (email, query)
    agent = Program(app, ANN)
    assert [row["ref"] for row in agent.gets("/tickets", mine="true").json["tickets"]] == [cases[2]]
    assert [row["ref"] for row in agent.gets("/tickets", mine="true", query="printer").json["tickets"]] == [cases[2]]
    assert agent.gets("/tickets", state="done").json == {"tickets": [], "next": None}
    assert len(agent.gets("/tickets", workflow="repair", state="new").json["tickets"]) == 7


def test_a_list_takes_only_what_is_declared(app: Flask, ann: Character) -> None:
    """attacks 56, 60 and 88: allowlisted parameters, each of its kind"""
    program = Program(app, ANN)
    for query, name in (
        ({"order": "id"}, "order"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "9" * 400}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"mine": "1 OR 1=1"}, "mine"),
        ({"before": "x"}, "before"),
        ({"before": "99999999999999999999.1"}, "before"),
        ({"query": "x", "before": "1.1"}, "before"),
        ({"query": "x" * 501}, "query"),
        ({"state": ["a", "b"]}, "state"),
        ({"__class__": "x"}, "__class__"),
    ):
        answer = program.gets("/tickets", **query)
        assert (answer.status_code, [*answer.json["problems"]]) == (422, [name]), (query, answer.text)
    assert program.gets("/tickets/R-1", include="notes").status_code == 422
