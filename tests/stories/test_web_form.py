"""A visitor asks by the web form (issue 2, item 7; W50, WS12)."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from helpdesk.db import session
from helpdesk.pages.forms import TRAP
from helpdesk.people import find
from helpdesk.tickets.models import Attachment, Delivery, Message, Ticket
from helpdesk.workflows import revisions
from tests.at_the_desk import hidden_in
from tests.cast import Case, Character
from tests.visitor import Visitor

FORM = "/forms/contact"
FILLED = {
    "name": "Olga",
    "email": "olga@example.org",
    "subject": "Screen",
    "message": "It fell.",
    "consent": ["no", "yes"],
}


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def fills_in(visitor: Visitor, **changes: object) -> tuple[int, str]:
    """Open the form, fill it in, send it; gives the status and the text or the address that it leads to."""
    hidden = hidden_in(visitor.opens(FORM).text, FORM)
    answer = visitor.client.post(FORM, data={**hidden, **FILLED, **changes})
    return answer.status_code, answer.location or answer.text


def tickets(app: Flask) -> list[Case]:
    with app.app_context():
        return [Case(app, id) for (id,) in session().query(Ticket.id).order_by(Ticket.id)]


def test_a_form_becomes_a_ticket_with_its_fields_and_files(app: Flask, visitor: Visitor, ann: Character) -> None:
    status, leads_to = fills_in(
        visitor, kind="technical", serial="AB123456", files=(io.BytesIO(b"picture"), "screen.png")
    )
    assert (status, leads_to) == (303, "/forms/contact/thanks")
    (case,) = tickets(app)
    assert (case.subject, case.state, case.fields) == ("Screen", "new", {"kind": "technical", "serial": "AB123456"})
    assert case.messages[0].text == "It fell."
    with app.app_context():
        assert session().query(Attachment.filename).scalar() == "screen.png"
    thanks = visitor.opens(leads_to).text
    assert case.ref in thanks
    assert "Thank you" in thanks
    assert ann.sees(case)


def test_the_form_says_at_each_field_what_is_wrong_and_keeps_what_was_typed(app: Flask, visitor: Visitor) -> None:
    status, text = fills_in(visitor, email="nobody", serial="rubbish", consent="no", message="A long story.")
    assert status == 422
    assert "must be an e-mail address" in text
    assert "does not have the expected form" in text
    assert "Please agree" in text
    assert "A long story." in text
    assert 'value="rubbish"' in text
    status, text = fills_in(visitor, email="")
    assert status == 422
    assert "Please fill in “E-mail”" in text
    assert tickets(app) == []


def test_the_same_form_sent_twenty_times_at_once_is_one_ticket(app: Flask, visitor: Visitor) -> None:
    """Attack 96."""
    hidden = hidden_in(visitor.opens(FORM).text, FORM)
    cookie = visitor.client.get_cookie("session").value

    def send(_n: int) -> int:
        client = app.test_client()
        client.set_cookie("session", cookie)
        return client.post(FORM, data={**hidden, **FILLED}).status_code

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(send, range(20)))
    assert answers == [303] * 20
    assert len(tickets(app)) == 1
    assert len(tickets(app)[0].messages) == 1


def test_a_robot_that_fills_in_everything_opens_nothing(app: Flask, visitor: Visitor) -> None:
    assert fills_in(visitor, **{TRAP: "http://casino.example"}) == (303, "/forms/contact/thanks")
    assert tickets(app) == []


def test_too_many_forms_from_one_network_are_stopped(app: Flask, visitor: Visitor) -> None:
    answers = [fills_in(visitor)[0] for _ in range(31)]
    assert answers == [303] * 30 + [429]
    stopped = visitor.sends(FORM, **FILLED)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 3600
    assert FILLED["message"] in stopped.text, "and nobody has to write it again"
    assert fills_in(Visitor(app, ip="203.0.113.9"))[0] == 303, "others go on"


def test_a_receipt_to_an_address_that_proved_nothing_carries_no_word_of_the_sender(
    app: Flask, visitor: Visitor
) -> None:
    """Attack 33: nobody is pestered through our form."""
    for n in range(8):
        fills_in(visitor, subject=f"Buy now {n}", message="http://casino.example", name="casino.example")
    with app.app_context():
        mails = session().query(Delivery).filter_by(recipient="olga@example.org").all()
        assert 1 <= len(mails) <= 3
        assert not re.search("casino|Buy now", str([mail.frozen for mail in mails]))


def test_a_number_in_a_forms_subject_is_no_key_to_a_ticket(app: Flask, visitor: Visitor, olga: Character) -> None:
    """Attack 24: whoever claims Olga's address in a form opens a ticket of their own and adds nothing to hers."""
    case = olga.writes("Secret business")
    fills_in(visitor, subject=f"Re: {case.ref}", message="Please send everything to me.")
    assert len(case.messages) == 1
    assert len(tickets(app)) == 2


def test_who_is_signed_in_is_not_asked_who_they_are(app: Flask, visitor: Visitor, olga: Character) -> None:
    olga.writes("First")
    visitor.signs_in_to_the_cabinet("olga@example.org")
    page = visitor.opens(FORM).text
    assert 'name="email"' not in page
    assert "olga@example.org" in page
    hidden = hidden_in(page, FORM)
    claimed = {**hidden, "subject": "Second", "message": "Hello", "consent": "yes", "email": "mallory@evil.example"}
    assert visitor.client.post(FORM, data=claimed).status_code == 303
    case = tickets(app)[-1]
    with app.app_context():
        ticket = session().get_one(Ticket, case.id)
        assert ticket.requester_id == find.by_email("olga@example.org").id
        assert ticket.requester_verified


def test_a_form_for_members_leads_to_the_sign_in(app: Flask, visitor: Visitor) -> None:
    with app.app_context():
        files = session().get_one(revisions.Revision, revisions.active().id).files
        text = next(iter(files.values())).replace("login: optional", "login: required")
        revisions.adopt(text, author="test")
    assert visitor.opens(FORM).location == "/my/sign-in?next=/forms/contact"
    assert visitor.sends(FORM, **FILLED).status_code == 303
    assert tickets(app) == []


def test_there_is_no_form_but_those_of_the_file(visitor: Visitor) -> None:
    assert visitor.opens("/forms/nothing").status_code == 404
    assert visitor.opens("/forms/nothing/thanks").status_code == 404


def test_a_script_in_a_form_is_only_text(app: Flask, visitor: Visitor, ann: Character) -> None:
    """Attack 8."""
    fills_in(
        visitor,
        name="<img src=x onerror=alert(1)>",
        subject='"><script>alert(1)</script>',
        message="<script>alert(1)</script>",
    )
    with app.app_context():
        assert session().query(Message.html).scalar() == ""
    (case,) = tickets(app)
    assert case.messages[0].text == "<script>alert(1)</script>"
