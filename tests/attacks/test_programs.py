"""Programs at the API: the same request many times at once, another site's page, a customer's eyes (attacks 55, 59, 76,
94, 95 and 96).
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from helpdesk.tickets.links import Thread
from tests.actions.desks import AGAIN, DONE, OPEN, in_force
from tests.attacks.test_double_work import at_once
from tests.cast import Character
from tests.program import Program, token_of

ANN, OLGA, KADRI = "ann@acme.example", "olga@example.org", "kadri@acme.example"
LISTS = ("messages", "events", "deliveries")
ONCE = {"Idempotency-Key": "the-request"}


def test_the_same_payment_twenty_times_pays_once(app: Flask, olga: Character, ann: Character, kadri: Character) -> None:
    """Attack 96. After the first the ticket is out of her sight; her program hears all the same what became of it."""
    case = olga.writes("Broken screen")
    ann.performs("quote", case, price="10")
    token = token_of(app, KADRI)

    def pay() -> Any:
        program = Program(app)
        program.token = token
        return program.does(case.ref, "receive_payment", amount="10", method="cash", headers=ONCE)

    answers = [*at_once(20, pay), pay()]
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert len(case.payments) == 1
    assert case.story.count("receive_payment") == 1
    assert {answer.json["state"] for answer in answers} == {"in_repair"}
    assert [answer.json["repeated"] for answer in answers].count(False) == 1
    assert {answer.json["ticket"] is None for answer in answers} == {True}


def test_one_request_sent_twenty_times_opens_one_ticket(app: Flask, olga: Character) -> None:
    """attack 96"""
    olga.writes("Before")
    token = token_of(app, OLGA)
    body = {"source": "contact_form", "values": {"subject": "Printer", "message": "It burns", "consent": True}}

    def send() -> Any:
        program = Program(app)
        program.token = token
        return program.posts("/tickets", body, headers=ONCE)

    answers = at_once(20, send)
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json["ref"] for answer in answers}) == 1
    assert len(Program(app, OLGA).gets("/tickets").json["tickets"]) == 2


def test_a_key_belongs_to_one_token_and_one_address(
    app: Flask, olga: Character, ann: Character, boris: Character
) -> None:
    """Attack 96: nobody's key stands in another's way, or tells them what it did."""
    case, other = olga.writes("Printer"), olga.writes("Screen")
    for program, ref in (
        (Program(app, ANN), case.ref),
        (Program(app, ANN), case.ref),  # another token of hers
        (Program(app, "boris@acme.example"), case.ref),
        (Program(app, ANN), other.ref),
    ):
        done = program.does(ref, "comment", message="Look.", headers=ONCE)
        assert (done.status_code, done.json["repeated"]) == (200, False)
        again = program.does(ref, "comment", message="Look.", headers=ONCE)
        assert (again.status_code, again.json["repeated"]) == (200, True)
    assert (case.story.count("comment"), other.story.count("comment")) == (3, 1)


def test_a_key_says_one_thing_and_another_is_refused(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 96: whoever sends something else under a key is told, and not that it was done."""
    case, program = olga.writes("Printer"), Program(app, ANN)
    assert program.does(case.ref, "comment", message="Look.", headers=ONCE).status_code == 200
    body = {"seen": None, "values": {"message": "Look."}}
    again = program.posts(f"/tickets/{case.ref}/actions/comment", body, headers=ONCE)
    assert (again.status_code, again.json["repeated"]) == (200, True), "the same, written otherwise"
    other = program.does(case.ref, "comment", message="Look there.", headers=ONCE)
    assert (other.status_code, other.json.get("code")) == (422, "reused")
    assert other.json["problems"].keys() == {"Idempotency-Key"}
    assert case.story.count("comment") == 1

    customer = Program(app, OLGA)
    new = {"source": "contact_form", "values": {"subject": "Printer", "message": "It burns", "consent": True}}
    assert customer.posts("/tickets", new, headers=ONCE).status_code == 201
    assert customer.posts("/tickets", new, headers=ONCE).status_code == 200
    new["values"] |= {"message": "It smokes"}
    assert customer.posts("/tickets", new, headers=ONCE).json.get("code") == "reused"
    assert len(customer.gets("/tickets").json["tickets"]) == 2


def test_two_requests_under_one_key_at_once_and_one_of_them_is_done(
    app: Flask, olga: Character, ann: Character
) -> None:
    case, token = olga.writes("Printer"), token_of(app, ANN)
    words = iter(f"Floor {n}" for n in range(10))

    def comment() -> Any:
        program = Program(app)
        program.token = token
        return program.does(case.ref, "comment", message=next(words), headers=ONCE)

    answers = at_once(10, comment)
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 9
    assert case.story.count("comment") == 1


def test_a_key_remembers_also_what_cost_the_right_to_do_it_again(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 96: a retry hears what the first one did, though the action is the assignee's and she gave the ticket
    away by it.
    """
    give_away = "type: assign, label: Give away, allow: [assignee], assign: {group: front}"
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [take, give, close]}}\n{DONE}",
        actions=f"""
            take: {{type: assign, label: Take, allow: [agent], assign: actor}}
            give: {{{give_away}}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case, program = olga.writes("Printer"), Program(app, ANN)
    program.does(case.ref, "take")
    first, second = (program.does(case.ref, "give", headers=ONCE) for _ in range(2))
    assert (first.status_code, first.json["repeated"]) == (200, False), first.text
    assert (second.status_code, second.json["repeated"]) == (200, True), second.text
    assert program.does(case.ref, "give").status_code == 404, "and only the retry hears it"


def test_who_never_saw_the_ticket_learns_nothing_by_a_key(
    app: Flask, olga: Character, ann: Character, mallory: Character
) -> None:
    case = olga.writes("Printer")
    Program(app, ANN).does(case.ref, "comment", message="Look.", headers=ONCE)
    answer = Program(app, "mallory@evil.example").does(case.ref, "comment", message="x", headers=ONCE)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_fifty_programs_that_saw_the_same_and_one_wins(app: Flask, olga: Character, ann: Character) -> None:
    """attack 95"""
    case = olga.writes("Printer")
    token, version = token_of(app, ANN), case.version

    def reply() -> Any:
        program = Program(app)
        program.token = token
        return program.posts(
            f"/tickets/{case.ref}/actions/reply", {"values": {"message": "Which floor?"}, "seen": version}
        )

    answers = at_once(20, reply)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"stale"}
    assert case.story.count("reply") == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://desk.example.evil.example"])
def test_another_sites_page_may_not_read_and_has_nothing_to_send(
    app: Flask, olga: Character, ann: Character, origin: str
) -> None:
    """Attacks 67 and 76: no answer names another site; no browser sends a token by itself, so one that comes counts."""
    case = olga.writes("Printer")
    program, stranger = Program(app, ANN), Program(app)
    foreign = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    asked = {**foreign, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    path = f"/api/v1/tickets/{case.ref}/actions/take"
    for answer in (
        program.gets(f"/tickets/{case.ref}", headers=foreign),
        stranger.gets(f"/tickets/{case.ref}", headers=foreign),
        stranger.client.options(path, headers=asked),
        stranger.client.post(path, headers=foreign, json={}),
        program.gets("/openapi.json", headers=foreign),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert case.assignee is None
    assert program.posts(f"/tickets/{case.ref}/actions/take", headers=foreign).status_code == 200


def test_the_customers_view_carries_no_note_and_nobody_of_the_house(
    app: Flask, olga: Character, ann: Character, edgar: Character
) -> None:
    """attacks 40, 41 and 55: what a customer's program gets, at every address and after every action"""
    case = olga.writes("Printer on fire")
    ann.performs("comment", case, text="CANARY the customer is rude")
    ann.performs("reply", case, text="Which floor?")
    ann.performs("details", case, kind="technical", serial="CA123456")
    customer = Program(app, OLGA)
    while_it_is_hers = [customer.gets(f"/tickets/{case.ref}"), customer.gets("/tickets")]
    assert case.assignee == ANN
    ann.performs("quote", case, price="2000")  # too dear: to the workshop
    answers = [
        *while_it_is_hers,
        customer.gets("/tickets", query="CANARY"),
        customer.gets(f"/tickets/{case.ref}"),
        customer.gets(f"/tickets/{case.ref}/actions"),
        *(customer.gets(f"/tickets/{case.ref}/{name}") for name in LISTS),
        customer.does(case.ref, "customer_note", message="The third."),
        customer.does(case.ref, "reply", message="x"),
        customer.does(case.ref, "finish"),
        customer.posts(f"/tickets/{case.ref}/actions/customer_note", {"seen": 0, "values": {"message": "x"}}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 9 + [404, 404, 409]
    for answer in answers:
        for secret in ("CANARY", "CA123456", "Edgar", "edgar@", "workshop@", ANN, "2000"):
            assert secret not in answer.text, (answer.request.path, secret)
    assert answers[-1].json["changes"] == []


def test_a_customer_reads_no_name_of_a_state_that_is_hidden_from_them(
    app: Flask, olga: Character, ann: Character
) -> None:
    """Attack 41: not in what happened either, once the ticket is back where they see it."""
    in_force(
        app,
        states=f"""
            new: {{{OPEN}, actions: [look, close]}}
            suspicion: {{label: Suspicion, visible_to: [everyone], hidden_from_customer: true, actions: [back]}}
            {DONE}""",
        actions=f"""
            look: {{type: set_fields, label: Look, allow: [agent], customer: see, to: suspicion}}
            back: {{type: set_fields, label: Back, allow: [agent], customer: see, to: new}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Printer")
    ann.performs("look", case)
    ann.performs("back", case)
    ways = [
        (each["from_state"], each["to_state"]) for each in Program(app, ANN).gets(f"/tickets/{case.ref}").json["events"]
    ]
    assert ways == [(None, "new"), ("new", "suspicion"), ("suspicion", "new")]
    told = Program(app, OLGA).gets(f"/tickets/{case.ref}")
    assert "suspicion" not in told.text
    ways = [(each["from_state"], each["to_state"]) for each in told.json["events"]]
    assert ways == [(None, "new"), ("new", None), (None, "new")]
    assert Program(app, OLGA).gets(f"/tickets/{case.ref}/events").json == {"events": told.json["events"], "next": None}


def test_what_somebody_else_said_is_not_said_by_the_company(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 41: as in the cabinet a customer's program is told their name, and never an address."""
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [close], on_message: {{customer: says, other: says}}}}\n{DONE}",
        actions=f"""
            says: {{type: customer_message, label: Says, customer: run, fields: [message]}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Printer")
    pia, nobody = Character(app, "pia@other.example"), Character(app, "x@other.example")
    code = Thread(case.id, olga.id)  # of a mail that was sent on to them
    pia.writes("Re: Printer", "It is mine too.", thread=code, name="Pia P")
    nobody.writes("Re: Printer", "And mine.", thread=code, name="")
    told = Program(app, OLGA).gets(f"/tickets/{case.ref}")
    assert [each["from"] for each in told.json["messages"]] == [OLGA, "Pia P", "Somebody else"]
    assert [each["actor"] for each in told.json["events"]] == [OLGA, "Pia P", "Somebody else"]
    assert "other.example" not in told.text
    for name in LISTS:
        page = Program(app, OLGA).gets(f"/tickets/{case.ref}/{name}")
        assert page.json == {name: told.json[name], "next": None}, "nor on a page of its own"
    seen = Program(app, ANN).gets(f"/tickets/{case.ref}").json["messages"]
    assert [each["from"] for each in seen] == [OLGA, "pia@other.example", "x@other.example"]


def test_a_customer_writes_no_oftener_than_on_pages(app: Flask, olga: Character) -> None:
    """attacks 58 and 94"""
    case = olga.writes("Printer")
    customer = Program(app, OLGA)
    answers = [customer.does(case.ref, "customer_reply", message=f"{n}").status_code for n in range(61)]
    assert answers == [200] * 60 + [429]
    new = {"source": "contact_form", "values": {"message": "x", "consent": True}}
    opened = [customer.posts("/tickets", new).status_code for _ in range(31)]
    assert opened == [201] * 30 + [429]
