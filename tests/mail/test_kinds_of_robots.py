"""What kind of robot wrote: calendars, receipts, filters that want a proof; filed, never answered, and counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from helpdesk.channels.email.parse import parse
from tests.cast import Character, hire
from tests.mail.letters import letter, mail_of, multipart, part
from tests.mail.test_robots import report
from tests.plugins.post import Post
from tests.plugins.post import letter as mail_from
from tests.visitor import Visitor

OLGA = "olga@example.org"
ACCEPTED = (
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:olga@x\r\nEND:VEVENT\r\n"
)
INVITED = ACCEPTED.replace("REPLY", "REQUEST")


def with_calendar(content: str, *, method: str = "") -> bytes:
    kind = "text/calendar; charset=utf-8" + (f"; method={method}" if method else "")
    return mail_of(multipart("alternative", part("text/plain", "Olga has accepted."), part(kind, content)))


CHALLENGES = {
    "TMDA": letter("Please reply to this.", subject="Please confirm your message", x_delivery_agent="TMDA/1.1.12"),
    "Boxbe": letter("Hello", from_="notification@boxbe.com", subject="Printer on fire (Action Required)"),
    "SpamArrest": letter("Hello", from_="olga@spamarrest.com", subject="Re: Printer (verification)"),
    "ASK": letter("Hello", subject="Please confirm (conf#abc)", x_askversion="2.5"),
    "in words": letter(
        "I get too much spam. To prove that you are a human, click here: http://filter.example/c/1",
        subject="Verification required for your message",
    ),
}
PEOPLE = {
    "asks to confirm": letter("Could you confirm that the order was sent? https://shop.example/1", subject="My order"),
    "confirms": letter("Please confirm your delivery date.", subject="Please confirm your message of Monday"),
    "asks for a proof": letter(
        "How do I prove that I am a person? See http://x.example", subject="Sign-in does not work"
    ),
    "invites": with_calendar(INVITED, method="REQUEST"),
}


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_filter_that_wants_a_proof_is_known(name: str) -> None:
    assert parse(CHALLENGES[name]).robot == "challenge"


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_people(name: str) -> None:
    assert parse(PEOPLE[name]).robot == ""


def test_answers_to_invitations_are_known() -> None:
    assert parse(with_calendar(ACCEPTED, method="REPLY")).robot == "calendar"
    assert parse(with_calendar(ACCEPTED)).robot == "calendar"


def test_each_other_robot_has_its_kind() -> None:
    receipt = part("message/disposition-notification", "Disposition: automatic-action; displayed")
    body = multipart("report; report-type=disposition-notification", part("text/plain", "Read."), receipt)
    assert parse(mail_of(body)).robot == "receipt"
    assert parse(report()).robot == "bounce"
    assert parse(letter(list_id="<users.lists.example>")).robot == "list"
    assert parse(letter("I am away", auto_submitted="auto-replied")).robot == "auto-reply"
    assert parse(letter()).robot == ""


@pytest.mark.parametrize("raw", [*CHALLENGES.values(), with_calendar(ACCEPTED)], ids=[*CHALLENGES, "calendar"])
def test_they_are_filed_and_neither_answered_nor_followed(post: Post, ann: Character, raw: bytes) -> None:
    case = post.case(mail_from(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    ours, sent = post.to(OLGA)[-1].message, len(post.sink.received)
    answers = b"In-Reply-To: " + ours["Message-ID"].encode() + b"\r\nMIME-Version"
    row = post.arrives(raw.replace(b"olga@client.example", OLGA.encode()).replace(b"MIME-Version", answers))
    assert (row.status, row.ticket_id) == ("filed", case.id)
    assert row.robot in ("challenge", "calendar")
    assert (case.state, case.story[-1]) == ("waiting", "filed")
    assert len(post.sink.received) == sent


def test_administrators_see_how_many_there_were(app: Flask, post: Post) -> None:
    for number in range(3):
        post.arrives(mail_from(OLGA, f"Away {number}", Auto_Submitted="auto-replied"), source="support_mail")
    post.arrives(with_calendar(ACCEPTED), source="support_mail")
    post.arrives(report())
    post.arrives(mail_from(OLGA, "A person"), source="support_mail")
    admin = hire(app, "root@acme.example", "Root", admin=True)
    page = Visitor(app).is_let_in(admin.email).opens("/admin/sources").text
    assert "Absence notes and notifications" in page
    assert "Answers to invitations" in page
    assert "Mail that came back" in page
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], metrics_token="")
    numbers = app.test_client().get("/metrics").text
    assert 'helpdesk_robot_mails{state="auto-reply"} 3' in numbers
    assert 'helpdesk_robot_mails{state="calendar"} 1' in numbers
