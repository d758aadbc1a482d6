"""“Was it you?”: a request of somebody unknown waits until the mailed link was followed (WS11, attack 33)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from helpdesk import clock
from helpdesk.channels import confirming
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from helpdesk.errors import NotPossible
from helpdesk.intake.unconfirmed import Unconfirmed
from helpdesk.people import find
from helpdesk.tickets.models import Attachment, Delivery, Message, Ticket
from helpdesk.tickets.participants import Participant
from tests.at_the_desk import AtTheDesk
from tests.cast import Character, hire
from tests.meanwhile import meanwhile
from tests.plugins.post import Post, letter
from tests.visitor import Visitor

DESK = Path(__file__).parents[1] / "desk.yaml"
CANARY = "CANARY buy cheap watches at evil.example"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    text = DESK.read_text()
    text = text.replace("unknown_sender: accept", "unknown_sender: confirm")
    text = text.replace("after: {text: Thank you}}", "after: {text: Thank you}, confirm_email: true}")
    (tmp_path / "desk.yaml").write_text(text)
    return replace(settings, workflows=str(tmp_path / "desk.yaml"))


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def fills_in(browser: Visitor, email: str, **more: str) -> int:
    page = browser.opens("/forms/contact").text
    nonce = re.search(r'name="nonce" value="([^"]+)"', page)
    assert nonce
    fields = {"name": CANARY, "email": email, "subject": CANARY, "message": CANARY, "consent": "yes", **more}
    return browser.sends("/forms/contact", nonce=nonce[1], **fields).status_code


def tickets(app: Flask) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).select_from(Ticket)) or 0


def link_in(app: Flask, address: str) -> str:
    with app.app_context():
        newest = select(Delivery).where(Delivery.recipient == address).order_by(Delivery.id.desc()).limit(1)
        mail = session().scalars(newest).one()
        return mail.frozen["names"]["links"]["confirm"].removeprefix("http://desk.example")


def link_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    found = re.search(r"/link/confirm/[\w-]+", body.get_content() if body else "")
    assert found
    return found[0]


def mails_to(app: Flask, address: str) -> list[Delivery]:
    with app.app_context():
        return list(session().scalars(select(Delivery).where(Delivery.recipient == address)))


def test_a_form_counts_when_its_link_was_followed(app: Flask, visitor: Visitor) -> None:
    assert fills_in(visitor, "olga@example.org", kind="technical") == 303
    assert "One step is left" in visitor.opens("/forms/contact/thanks").text
    assert tickets(app) == 0
    with app.app_context():
        assert find.by_email("olga@example.org") is None, "nobody is made known by a claim"
    path = link_in(app, "olga@example.org")
    elsewhere = Visitor(app, ip="203.0.113.9")
    for _ in range(3):
        assert "Was it you?" in elsewhere.opens(path).text
    assert tickets(app) == 0, "attack 68: opening it is not confirming it"
    answer = elsewhere.sends(path)
    assert "R-1001" in answer.text
    assert tickets(app) == 1
    with app.app_context():
        ticket = session().scalars(select(Ticket)).one()
        assert (ticket.subject, ticket.channel, ticket.requester_verified) == (CANARY, "form", True)
        assert find.by_email("olga@example.org").addresses[0].verified_at is not None
    again = elsewhere.sends(path)
    assert (again.status_code, tickets(app)) == (409, 1)
    assert "confirmed this already" in elsewhere.opens(path).text


def test_the_mail_says_no_word_of_whoever_wrote_the_address(app: Flask, visitor: Visitor, post: Post) -> None:
    """attack 33: and there are at most three of them in an hour, however often the form is sent"""
    for _ in range(6):
        assert fills_in(visitor, "victim@example.net") == 303
    post.turn()
    sent = [each.message for each in post.sink.received if each.recipients == ("victim@example.net",)]
    assert len(sent) == 3
    assert not any("CANARY" in each.as_string() or "evil.example" in each.as_string() for each in sent)
    page = visitor.opens(link_of(sent[0]))
    assert "CANARY" not in page.text


def test_what_a_form_would_refuse_is_refused_at_once(app: Flask, visitor: Visitor) -> None:
    assert fills_in(visitor, "olga@example.org", serial="not a serial number") == 422
    assert fills_in(visitor, "olga@example.org", consent="no") == 422
    with app.app_context():
        assert confirming.waiting() == []


def test_the_same_form_twice_is_one_request(app: Flask, visitor: Visitor) -> None:
    """attack 96"""
    page = visitor.opens("/forms/contact").text
    nonce = re.search(r'name="nonce" value="([^"]+)"', page)
    assert nonce
    fields = {"name": "Olga", "email": "olga@example.org", "subject": "Hi", "message": "Hi", "consent": "yes"}
    for _ in range(3):
        assert visitor.sends("/forms/contact", nonce=nonce[1], **fields).status_code == 303
    with app.app_context():
        assert len(confirming.waiting()) == 1
    assert len(mails_to(app, "olga@example.org")) == 1


def test_mail_of_somebody_unknown_waits_with_its_files(app: Flask, post: Post, visitor: Visitor) -> None:
    mail = letter("New <new@example.org>", "It burns.", subject=CANARY)
    mail.add_attachment(b"ash", maintype="application", subtype="octet-stream", filename="burnt.txt")
    post.arrives(mail)
    post.turn()
    assert tickets(app) == 0
    with app.app_context():
        assert session().scalars(select(InboundMail.status)).all() == ["waiting"]
    (sent,) = [each.message for each in post.sink.received if each.recipients == ("new@example.org",)]
    path = link_of(sent)
    visitor.opens(path)
    assert visitor.sends(path).status_code == 200
    with app.app_context():
        ticket = session().scalars(select(Ticket)).one()
        assert ticket.channel == "email"
        assert session().scalars(select(Message.text)).first() == "It burns."
        assert session().scalars(select(Attachment.filename)).all() == ["burnt.txt"]
        mail = session().scalars(select(InboundMail)).one()
        assert (mail.status, mail.ticket_id) == ("filed", ticket.id)


def test_whom_a_mail_that_waited_was_sent_to_as_well_is_noted(app: Flask, post: Post) -> None:
    """Attack 23: nobody is lost on the way, and a link that was followed lets nobody in."""
    post.arrives(letter("olga@example.org", Cc="Pia <pia@example.org>"))
    with app.app_context():
        (request_id,) = [row.id for row in confirming.waiting()]
        confirming.take_in(request_id, proven=True)
        (seen,) = session().scalars(select(Participant))
        assert (seen.address, seen.name, seen.part) == ("pia@example.org", "Pia", "noted")


def test_mail_of_somebody_known_is_not_asked_about(app: Flask, post: Post, ann: Character) -> None:
    hire(app, "known@example.org", "Known")
    post.arrives(letter("known@example.org", "It burns.", subject="Again"))
    post.turn()
    assert tickets(app) == 1


def test_a_robot_is_not_written_to(app: Flask, post: Post) -> None:
    """attack 35"""
    post.arrives(letter("robot@example.org", "Back in May.", Auto_Submitted="auto-replied"))
    post.turn()
    assert (tickets(app), mails_to(app, "robot@example.org")) == (0, [])
    with app.app_context():
        assert len(confirming.waiting()) == 1


def test_an_answer_to_the_question_is_no_way_around_it(app: Flask, post: Post) -> None:
    """Attacks 33 and 35: a robot answers every mail, and its answer carries our own Message-ID."""
    robot = "info@robots.example"
    assert post.arrives(letter(robot, "Thank you for your message, we will be in touch.")).status == "waiting"
    for turn in range(4):
        asked = post.to(robot)[-1].message
        answer = letter(robot, f"Thank you for your message {turn}, we will be in touch.", answers=asked)
        assert post.arrives(answer).status == "waiting"
    assert tickets(app) == 0
    assert len(post.to(robot)) == 2


def test_an_administrator_sees_what_waits_and_takes_it_in_or_drops_it(app: Flask, visitor: Visitor) -> None:
    for address in ("one@example.org", "two@example.org"):
        fills_in(visitor, address)
    ada = AtTheDesk(app, hire(app, "ada@acme.example", "Ada", admin=True))
    page = ada.opens("/admin/unconfirmed").text
    assert "one@example.org" in page
    assert "two@example.org" in page
    with app.app_context():
        two, one = [row.id for row in confirming.waiting()]
    assert ada.sends(f"/admin/unconfirmed/{one}/take").status_code == 303
    assert ada.sends(f"/admin/unconfirmed/{two}/drop").status_code == 303
    assert "one@example.org" not in ada.opens("/admin/unconfirmed").text
    with app.app_context():
        ticket = session().scalars(select(Ticket)).one()
        assert not ticket.requester_verified, "an administrator vouches for nothing"
    late = visitor.opens(link_in(app, "two@example.org"))
    assert (late.status_code, "not there any more" in late.text) == (404, True)


def test_what_is_confirmed_at_this_very_moment_is_not_dropped(app: Flask, post: Post) -> None:
    """An administrator drops it while its sender confirms it: its mail stays on its ticket."""
    mail_id = post.arrives(letter("olga@example.org")).id
    with app.app_context():
        (request_id,) = [row.id for row in confirming.waiting()]

    def drops() -> None:
        with pytest.raises(NotPossible):
            confirming.drop(request_id)

    meanwhile(app, lambda: confirming.take_in(request_id, proven=True), drops)
    assert post.row(mail_id).status == "filed"


def test_two_requests_of_one_address_are_confirmed_at_the_same_moment(app: Flask, visitor: Visitor) -> None:
    """Both links make the same person known."""
    for kind in ("technical", "billing"):
        fills_in(visitor, "olga@example.org", kind=kind)
    with app.app_context():
        second, first = [row.id for row in confirming.waiting()]
    meanwhile(app, lambda: confirming.take_in(first, proven=True), lambda: confirming.take_in(second, proven=True))
    assert tickets(app) == 2
    with app.app_context():
        assert confirming.waiting() == []


def test_what_nobody_confirms_is_dropped_after_a_week(app: Flask, still: None, visitor: Visitor) -> None:
    fills_in(visitor, "olga@example.org")
    path = link_in(app, "olga@example.org")
    clock.travel(timedelta(days=7) - timedelta(minutes=1))
    with app.app_context():
        confirming.drop_old()
        assert len(confirming.waiting()) == 1
    clock.travel(timedelta(minutes=1))
    assert visitor.opens(path).status_code == 404
    with app.app_context():
        confirming.drop_old()
        assert session().scalars(select(Unconfirmed)).all() == []
    assert tickets(app) == 0


def test_staff_and_the_signed_in_need_not_confirm(app: Flask, ann: Character, olga: Character) -> None:
    hire(app, olga.email, "Olga")
    signed_in = Visitor(app).is_let_in(olga.email, "cabinet")
    page = signed_in.opens("/forms/contact").text
    nonce = re.search(r'name="nonce" value="([^"]+)"', page)
    assert nonce
    sent = signed_in.sends("/forms/contact", nonce=nonce[1], subject="Hi", message="Hi", consent="yes")
    assert (sent.status_code, tickets(app)) == (303, 1)
