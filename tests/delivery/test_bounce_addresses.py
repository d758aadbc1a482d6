"""The envelope of a mail: nobody for what the desk sends by itself, else the address that its bounces come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from config import BadSetting, Settings
from helpdesk.delivery import envelope
from helpdesk.tickets import links
from tests.cast import Character
from tests.plugins.post import SUPPORT, Post, letter

OLGA = "olga@example.org"
# A report of no standard: no Message-ID of ours, and nothing of the mail that came back.
REPORT = """From: MAILER-DAEMON@mx.example.org\r
To: {to}\r
Subject: Undelivered Mail Returned to Sender\r
Content-Type: text/plain\r
\r
Sorry, 550 5.1.1 no such user here.\r
"""


def report(to: str) -> bytes:
    return REPORT.format(to=to).encode()


def test_automatic_mail_names_nobody_and_a_persons_names_its_own_address(post: Post, ann: Character) -> None:
    """RFC 3834; attack 35."""
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    ann.performs("reply", case, text="And which door?")
    post.turn()
    receipt, first, second = post.to(OLGA)
    assert receipt.sender == "<>"
    assert receipt.message["Auto-Submitted"] == "auto-replied"
    assert first.sender.endswith("@acme.example")
    assert first.sender.startswith(f"back+b{case.mails[1].id}-")
    assert first.sender != second.sender
    assert first.message["Auto-Submitted"] is None


def test_a_report_to_that_address_names_its_mail_whatever_it_says(post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    back = post.to(OLGA)[-1].sender
    row = post.arrives(report(back), envelope_from="<>", to=[back])
    assert (row.status, row.ticket_id) == ("filed", case.id)
    assert [mail.status for mail in case.mails] == ["sent", "failed"]
    assert "no such user" in case.mails[-1].error


def test_a_report_to_an_address_that_somebody_made_up_counts_for_nothing(post: Post, ann: Character) -> None:
    """Attack 36."""
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    local, _, domain = post.to(OLGA)[-1].sender.rpartition("@")
    name, _, code = local.partition("-")
    other = f"back+b{case.mails[0].id}-{code}@{domain}"
    for made_up in (other, f"{name}-{'a' * 26}@{domain}", f"back+b-{code}@{domain}", f"back@{domain}"):
        assert post.arrives(report(made_up), envelope_from="<>", to=[made_up]).status == "ignored"
    assert [mail.status for mail in case.mails] == ["sent", "sent"]


def test_an_absence_note_to_that_address_comes_to_its_ticket(post: Post, ann: Character) -> None:
    """Robots answer the envelope (RFC 3834, 4), and not all of them name what they answer."""
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    back = post.to(OLGA)[-1].sender
    note = letter(OLGA, "I am away.", subject="Out of office", to=back, Auto_Submitted="auto-replied")
    assert post.arrives(note, envelope_from="<>", to=[back]).ticket_id == case.id
    assert case.state == "waiting"


def test_one_address_may_be_set_for_the_whole_desk(app: Flask, post: Post, ann: Character) -> None:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], bounce_address="bounces@mail.acme.example")
    with app.app_context():
        from helpdesk.db import writing
        from helpdesk.tickets import outbox
        from helpdesk.tickets.outbox import Recipient

        with writing():
            number = outbox.post(Recipient(OLGA, None, "x"), subject="s", body="b", names={})
        mark = links.signer().bounce_tag(number)
    post.turn()
    assert [each.sender for each in post.to(OLGA)] == [f"bounces+{mark}@mail.acme.example"]
    with app.app_context():
        assert envelope.delivery_of([SUPPORT, f"BOUNCES+{mark.upper()}@mail.acme.example"])


@pytest.mark.parametrize(
    "bad", ["bounces", "a+b@acme.example", "x" * 30 + "@acme.example", "two@a.example, b@a.example"]
)
def test_an_address_without_room_for_the_mark_is_refused_at_the_start(bad: str) -> None:
    """The part before the @ has at most 64 characters (RFC 5321, 4.5.3.1.1)."""
    with pytest.raises(BadSetting, match="HELPDESK_BOUNCE_ADDRESS"):
        Settings.from_env({"HELPDESK_BOUNCE_ADDRESS": bad})


def test_the_mark_fits_into_an_address(app: Flask) -> None:
    with app.app_context():
        mark = links.signer().bounce_tag(2**31 - 1)
    assert len("x" * 24 + "+" + mark) <= 64
