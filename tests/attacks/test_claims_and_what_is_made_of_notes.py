"""Who only says who they are gets into no request of a firm (attack 26), and nothing that is worked out from a ticket,
a list, a time, a value, a text of a template, tells its customer what the house keeps to itself (attack 41).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from helpdesk import clock
from helpdesk.db import writing
from helpdesk.people import find
from helpdesk.people.models import Company
from tests.cast import Case, Character, hire
from tests.conftest import DESK
from tests.plugins.post import Post, letter
from tests.program import Program
from tests.visitor import Visitor, mailed_link

OLGA = "olga@firm1.example"
NOTE = "canarynote"
WRITTEN = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)  # when the note is written; no other hour looks like it

CLAIMS = [
    "x@firm1.example",
    "olga@firm1.example.evil.example",
    "olga@notfirm1.example",
    "olga@FIRM1.example.",
    "olga+x@firm1.example",
    "olga@sub.firm1.example",
    "\u043elga@firm1.example",  # a Cyrillic o
]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The tests' desk, whose answers to customers say all that a template may say of a ticket."""
    file = tmp_path / "desk.yaml"
    told = 'body: "{{ action.message }}\\n\\n{{ links.cabinet }}"}'
    text = DESK.read_text()
    assert text.count(told) == 1
    everything = (
        "{{ action.message }} {{ ticket.text }} {{ ticket.tags }} {{ ticket.updated_at }} {{ history.customer }}"
    )
    for_staff = 'body: "{{ action.message }}\\n\\n{{ links.desk }}"}'
    text = text.replace(told, f'body: "{everything}"}}')
    file.write_text(text.replace(for_staff, 'body: "{{ history.staff }}"}'))
    return replace(settings, workflows=str(file))


def colleagues(app: Flask, *addresses: str) -> None:
    """Staff put them down as people of one firm."""
    with app.app_context(), writing() as here:
        firm = Company(name="Firm 1")
        here.add(firm)
        here.flush()
        for address in addresses:
            find.or_create(address).company_id = firm.id


@pytest.mark.parametrize("claimed", CLAIMS)
def test_a_claimed_address_opens_no_request_of_a_firm(app: Flask, post: Post, claimed: str) -> None:
    """Attack 26: neither by a form nor, once the address is proven, by being of the same firm or looking like it."""
    case = post.case(letter(OLGA, "canaryrequest", subject="canarysubject"))
    browser = Visitor(app)
    browser.opens("/forms/contact")
    entered = {"email": claimed, "subject": "Hi", "message": "Hello", "consent": "yes"}
    answer = browser.sends("/forms/contact", **entered)
    pages = [answer.text, browser.opens("/").text]
    assert browser.opens("/my/requests").location.startswith("/my/sign-in"), "a form signs nobody in"
    assert browser.opens(f"/my/requests/{case.ref}").location.startswith("/my/sign-in")
    hire(app, claimed, "Xenia")
    colleagues(app, OLGA, claimed)
    browser.is_let_in(claimed, "cabinet")
    pages += [browser.opens("/my/requests").text, browser.opens("/my/profile").text]
    assert browser.opens(f"/my/requests/{case.ref}").status_code == 404
    program = Program(app, claimed)
    listed = program.gets("/tickets")
    assert listed.status_code == 200
    pages += [listed.text, program.gets(f"/tickets/{case.ref}").text]
    assert not any("canary" in page for page in pages)
    olgas = Visitor(app).is_let_in(OLGA, "cabinet")
    assert "canarysubject" in olgas.opens("/my/requests").text, "whose request it is sees it"


def test_who_claims_anothers_address_is_let_in_by_its_owner_alone(app: Flask, post: Post) -> None:
    """Attack 26: the way in goes to the address; who asked for it has nothing in their hands."""
    post.case(letter(OLGA, "canaryrequest"))
    thief = Visitor(app)
    thief.opens("/my/sign-in")
    asked = thief.sends("/my/sign-in", email=OLGA)
    secret = mailed_link(app, OLGA).rpartition("/")[2]
    assert secret
    assert secret not in f"{asked.headers} {asked.text}"
    assert thief.opens("/my/requests").location.startswith("/my/sign-in")
    with app.app_context():
        person = find.by_email(OLGA)
        assert person is not None
        assert [each.verified_at for each in person.addresses] == [None]


@pytest.fixture
def case(post: Post, ann: Character) -> Case:
    """Olga's request; the house has noted something, filled in a value and passed it on."""
    case = post.case(letter(OLGA, "The printer burns."))
    with clock.frozen(WRITTEN):
        ann.performs("comment", case, text=NOTE)
        ann.performs("details", case, kind="technical", serial="ZX743111")
    return case


def test_no_text_of_a_template_tells_a_customer_of_a_note(
    post: Post, ann: Character, edgar: Character, case: Case
) -> None:
    """Attack 41: the history in a mail is another for the customer and for staff."""
    ann.performs("reply", case, text="Which floor?")
    ann.performs("comment", case, text=f"{NOTE} again")
    ann.performs("reply", case, text="And which room?")
    post.turn()
    last = post.to(OLGA)[-1].message.get_body(["plain"])
    assert last is not None
    assert "The printer burns." in last.get_content()
    assert "Which floor?" in last.get_content()
    assert not any(NOTE in mail.message.as_string() for mail in post.to(OLGA))
    with clock.frozen(WRITTEN + timedelta(days=1)):
        assert ann.performs("forward", post.case(letter(OLGA, "Mine too")), text="Please look.")
    again = post.case(letter(OLGA, "A third one"))
    ann.performs("comment", again, text=NOTE)
    ann.performs("forward", again, text="Please look.")
    post.turn()
    assert any(NOTE in mail.message.as_string() for mail in post.to(edgar.email)), "staff are told"


def test_no_list_and_no_view_tells_a_customer_of_a_note(app: Flask, post: Post, ann: Character, case: Case) -> None:
    """Attack 41: neither its words nor its hour, nor what the house filled in, in the cabinet and by the API."""
    browser, program = Visitor(app).is_let_in(OLGA, "cabinet"), Program(app, OLGA)
    shown = [browser.opens(path).text for path in ("/my/requests", f"/my/requests/{case.ref}")]
    answers = [
        program.gets("/tickets"),
        program.gets(f"/tickets/{case.ref}"),
        program.gets(f"/tickets/{case.ref}/actions"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    for text in (*shown, *(answer.text for answer in answers)):
        assert NOTE not in text
        assert "ZX743111" not in text
        assert "2031-05-04" not in text
    assert "The printer burns." in shown[1]
    seen = json.dumps(Program(app, ann.email).gets(f"/tickets/{case.ref}").json)
    assert all(known in seen for known in (NOTE, "ZX743111", "2031-05-04")), "staff see all three"


def test_the_way_to_older_requests_tells_nothing_of_notes(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 41: an address that says where a page ends says no hour of a note."""
    cases = [olga.writes(f"Request {number}") for number in range(27)]
    with clock.frozen(WRITTEN):
        for case in cases:
            ann.performs("comment", case, text=NOTE)
    browser, program = Visitor(app).is_let_in(olga.email, "cabinet"), Program(app, olga.email)
    page, listed = browser.opens("/my/requests"), program.gets("/tickets", limit=25)
    assert "before=" in page.text
    for text in (page.text, listed.text):
        assert "2031-05-04" not in text
        assert str(int(WRITTEN.timestamp())) not in text
