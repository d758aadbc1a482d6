"""Mail whose own marks are wrong: a Message-ID that is missing, garbled or another mail's, and clocks that are set to
1970 or 2050 (faults 15 and 18). Each arrives, once, in the order of arrival.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import clock
from tests.at_the_desk import AtTheDesk
from tests.cast import Character
from tests.plugins.post import Post

OLGA = "olga@example.org"

GARBLED = {
    "none": b"",
    "empty": b"Message-ID: <>\r\n",
    "half a literal": b"Message-ID: <a@[b>\r\n",
    "no brackets": b"Message-ID: nothing to go by\r\n",
    "two": b"Message-ID: <a@b>\r\nMessage-ID: <c@d>\r\n",
    "a thousand letters": b"Message-ID: <" + b"a" * 1000 + b"@b>\r\n",
    "eight bits": b"Message-ID: <\xff\xfe@b>\r\n",
    "an encoded word": b"Message-ID: =?utf-8?q?=3Ca=0D=0ABcc:b=3E?=\r\n",
}


def mail(subject: str, text: str, *, head: bytes = b"") -> bytes:
    said = f"From: {OLGA}\r\nTo: support@acme.example\r\nSubject: {subject}\r\n".encode()
    return said + head + b"\r\n" + text.encode() + b"\r\n"


@pytest.mark.parametrize("name", GARBLED)
def test_mail_without_a_message_id_to_go_by_arrives_once(post: Post, name: str) -> None:
    """Fault 15: the same bytes are the same mail, others are another one, whatever they are called."""
    first = mail("Printer", "It burns.", head=GARBLED[name])
    case = post.case(first)
    assert post.case(first).id == case.id
    assert len(case.messages) == 1, "the same bytes again, as after a crash"
    other = post.case(mail("Printer", "The other one burns too.", head=GARBLED[name]))
    assert other.id != case.id
    assert other.messages[0].text == "The other one burns too."


def test_nobody_suppresses_a_mail_by_sending_its_message_id_first(post: Post) -> None:
    """Fault 15: whoever guesses the name of a mail and is quicker takes nothing away from it; both are kept,
    and staff are told.
    """
    named = b"Message-ID: <2031.invoice@example.org>\r\n"
    forged = post.case(mail("Invoice", "Never mind.", head=named))
    real = post.case(mail("Invoice", "Please pay.", head=named))
    assert forged.id != real.id
    assert [case.messages[0].text for case in (forged, real)] == ["Never mind.", "Please pay."]
    assert [len(case.messages[0].warnings) for case in (forged, real)] == [0, 1], "whoever reads the second is told"
    assert "the same Message-ID" in real.messages[0].warnings[0]
    stranger = post.case(mail("Invoice", "Please pay.", head=named).replace(OLGA.encode(), b"mallory@evil.example"))
    assert stranger.id not in (forged.id, real.id)


DATES = ["Fri, 1 Jan 2050 00:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", "yesterday", "99 Foo 20000 77:77", ""]


def test_mail_stands_in_the_order_of_its_arrival(
    app: Flask, post: Post, olga: Character, ann: Character, still: None
) -> None:
    """Fault 18: neither a clock of 2050 nor one of 1970 moves a ticket in a list, or says when it came."""
    cases = []
    for number, date in enumerate(DATES):
        cases.append(post.case(mail(f"Request {number}", "Hello", head=f"Date: {date}\r\n".encode())))
        clock.travel(timedelta(minutes=5))
    page = AtTheDesk(app, ann).opens("/desk/filters/all").text
    places = [page.index(f"row-{case.ref}") for case in cases]
    assert places == sorted(places, reverse=True), "the newest is first"
    assert "2050-01-01" not in page
    assert "1970-01-01" not in page
    for case in cases:
        opened = case.events[0].at
        assert clock.now() - opened < timedelta(hours=1)
        assert case.messages[0].created_at == opened
