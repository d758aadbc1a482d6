"""A conversation by mail, from the first line through the real SMTP door to the answer that comes back (W1-W10)."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import clock, intake
from helpdesk.channels.email.door import Door
from helpdesk.channels.email.listener import READY
from helpdesk.channels.forms import submission
from helpdesk.tickets.links import ID
from helpdesk.tickets.rich import Rich
from tests.cast import Case, Character
from tests.plugins.post import SUPPORT, Post, letter
from tests.servers.process import free_port


@pytest.fixture
def door(app: Flask) -> Iterator[tuple[str, int]]:
    """The desk's SMTP door, open."""
    port = free_port()
    door = Door(app, f"127.0.0.1:{port}")
    door.open()
    yield ("127.0.0.1", port)
    door.close()


def test_a_door_that_is_held_by_another_says_so_at_once(app: Flask, door: tuple[str, int]) -> None:
    begun = time.monotonic()
    with pytest.raises(OSError, match="address already in use"):
        Door(app, f"127.0.0.1:{door[1]}").open()
    assert time.monotonic() - begun < READY / 2


def test_a_customer_and_an_agent_talk_by_mail(
    app: Flask, post: Post, ann: Character, door: tuple[str, int], olga: Character
) -> None:
    first = letter("Olga <olga@example.org>", "Help!", message_id="<first@example.org>")
    first.add_attachment(b"\x89PNG smoke", maintype="image", subtype="png", filename="smoke.png")
    with smtplib.SMTP(*door) as program:
        program.send_message(first, "olga@example.org", [SUPPORT])
    post.turn()

    (receipt,) = post.to("olga@example.org")
    assert receipt.sender == "<>"  # a robot's mail has nobody to answer (attack 35)
    assert receipt.message["Auto-Submitted"] == "auto-replied"
    assert receipt.message["In-Reply-To"] == "<first@example.org>"
    thread = ID.search(receipt.message["Message-ID"])
    assert thread
    case = Case(app, int(thread[1]))
    assert case.state == "new"
    assert case.messages[0].text == "Help!"

    ann.performs("reply", case, text="Which floor?")
    post.turn()
    answer = post.to("olga@example.org")[-1]
    assert answer.sender == SUPPORT
    assert answer.message["From"] == f"Acme <{SUPPORT}>"
    assert answer.message["Reply-To"] == SUPPORT
    assert answer.message["Auto-Submitted"] is None
    assert answer.message["In-Reply-To"] == receipt.message["Message-ID"]
    assert answer.message["References"].split() == ["<first@example.org>", receipt.message["Message-ID"]]
    text, html = (part.get_content() for part in answer.message.iter_parts())
    assert "Which floor?" in text
    assert "Which floor?" in html
    assert case.state == "waiting"

    with smtplib.SMTP(*door) as program:
        again = letter("olga@example.org", "The third.", subject="Re: Printer on fire", answers=answer.message)
        program.send_message(again, "olga@example.org", [SUPPORT])
    post.turn()
    assert case.story == ["opened", "acknowledge", "reply", "customer_reply"]
    assert case.state == "new"
    assert [message.text for message in case.messages] == ["Help!", "Which floor?", "The third."]
    assert [event.data["status"] for event in case.events if event.kind == "delivery"] == ["sent", "sent"]


def test_the_token_in_the_quote_is_enough(post: Post, ann: Character, olga: Character) -> None:
    """A mail program that forgets the threading headers still quotes the last line of our mail."""
    case = post.case(letter("olga@example.org", "Help!"))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    ours = post.to("olga@example.org")[-1].message
    quoted = "\n".join(f"> {line}" for line in ours.get_body(["plain"]).get_content().splitlines())
    again = post.case(letter("olga@example.org", f"The third.\n\nAnn wrote:\n{quoted}", subject="floor"))
    assert again.id == case.id
    assert case.messages[-1].text == "The third."


def test_the_door_takes_mail_for_the_desk_only(door: tuple[str, int], post: Post) -> None:
    with smtplib.SMTP(*door) as program, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        program.sendmail("a@example.org", ["somebody@elsewhere.example"], b"Subject: hi\r\n\r\nRelay me\r\n")
    assert refused.value.recipients["somebody@elsewhere.example"][0] == 550
    with smtplib.SMTP(*door) as program:
        assert program.sendmail("a@example.org", ["Support+tag@ACME.example"], bytes(letter("a@example.org"))) == {}
        assert program.has_extn("smtputf8")
        assert int(program.esmtp_features["size"]) == 25_000_000


def test_a_colleague_is_told_and_robots_may_not_answer_it(post: Post, ann: Character, edgar: Character) -> None:
    case = post.case(letter("olga@example.org"))
    ann.performs("forward", case, text="Please look.")
    post.turn()
    (told,) = post.to("edgar@acme.example")
    assert told.message["Auto-Submitted"] == "auto-notified"
    assert post.to("olga@example.org")[1:] == []


def test_a_machines_mail_says_whether_it_answers_one(app: Flask, post: Post, ann: Character, still: None) -> None:
    """RFC 3834, 5: `auto-replied` in answer to a message, `auto-generated` by itself."""
    case = post.case(letter("olga@example.org", message_id="<first@example.org>"))
    ann.performs("quote", case, price="10")  # whereupon the desk asks for the payment
    with app.app_context():
        form = {"email": "mart@example.org", "consent": "yes", "subject": "Screen", "message": Rich("It fell.")}
        intake.receive(submission.read(submission.by_slug("contact"), form, nonce=None))
    post.turn()
    receipt, please_pay = (mail.message for mail in post.to("olga@example.org"))
    assert (receipt["Auto-Submitted"], receipt["In-Reply-To"]) == ("auto-replied", "<first@example.org>")
    assert (please_pay["Auto-Submitted"], please_pay["In-Reply-To"]) == ("auto-generated", receipt["Message-ID"])
    asked = {"message_id": "<when@example.org>", "in_reply_to": please_pay["Message-ID"]}
    assert post.case(letter("olga@example.org", "When?", **asked)).id == case.id
    clock.travel(timedelta(days=4))  # and the timer's reminder follows a mail of hers without answering it
    post.turn()
    reminder = post.to("olga@example.org")[-1].message
    assert (reminder["Auto-Submitted"], reminder["In-Reply-To"]) == ("auto-generated", "<when@example.org>")
    (of_a_form,) = (mail.message for mail in post.to("mart@example.org"))
    assert (of_a_form["Auto-Submitted"], of_a_form["In-Reply-To"]) == ("auto-generated", None)
