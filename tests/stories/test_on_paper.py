"""A ticket on paper: staff print all of its story, its customer what they may read, from the first word to the last."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from helpdesk.db import writing
from helpdesk.desk.story import FOLDED
from helpdesk.people import find
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.web import paper, streaming
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.visitor import Visitor

Print = Callable[[Character, Case], str]


@pytest.fixture
def at_the_desk(app: Flask) -> Print:
    def page(who: Character, case: Case) -> str:
        answer = AtTheDesk(app, who).opens(f"/desk/tickets/{case.ref}/print")
        assert answer.status_code == 200
        return answer.text

    return page


@pytest.fixture
def at_home(app: Flask) -> Print:
    def page(who: Character, case: Case) -> str:
        answer = Visitor(app).is_let_in(who.email, "cabinet").opens(f"/my/requests/{case.ref}/print")
        assert answer.status_code == 200
        return answer.text

    return page


def test_staff_print_all_of_it(app: Flask, olga: Character, ann: Character, at_the_desk: Print, at_home: Print) -> None:
    with app.app_context():
        photo = Upload.keep(b"x" * 2000, filename="photo of the fire.png", content_type="image/png")
    case = olga.writes("Printer on fire", "It burns <b>since nine</b>.", files=[photo])
    ann.performs("details", case, kind="technical", serial="AB123456")
    ann.performs("comment", case, text="She is right, it burns.")
    ann.performs("reply", case, text="Which floor? See https://acme.example/floors")
    olga.writes("Re", "The third.", about=case)
    page = at_the_desk(ann, case)
    for told in (case.ref, "Printer on fire", "olga@example.org", "Technical", "AB123456", "photo of the fire.png"):
        assert told in page, told
    assert "Note, only staff see it" in page
    assert "It burns &lt;b&gt;since nine&lt;/b&gt;." in page
    said = ["It burns &lt;b", "She is right", "Which floor?", "The third."]
    assert [page.index(words) for words in said] == sorted(page.index(words) for words in said)
    assert "Times are those of" in page
    assert "Printed for Ann," in page
    for chrome in ("<form", "<iframe", "htmx", "desk-side"):
        assert chrome not in page
    assert f'href="/desk/tickets/{case.ref}/print"' in AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    theirs = at_home(olga, case)
    for words in ("It burns &lt;b", "Which floor?", "The third.", "photo of the fire.png"):
        assert words in theirs
    for hidden in ("She is right", "Note", "AB123456", "ann@acme.example", "Serial"):
        assert hidden not in theirs, hidden
    browser = Visitor(app).is_let_in(olga.email, "cabinet")
    assert f'href="/my/requests/{case.ref}/print"' in browser.opens(f"/my/requests/{case.ref}").text


def test_what_became_of_it_is_said_to_the_customer_as_on_the_page(
    olga: Character, ann: Character, at_the_desk: Print, at_home: Print
) -> None:
    """A state is told in brackets behind what somebody did, and by itself where nothing else is said."""
    case = olga.writes("Printer on fire")
    ann.performs("reply", case, text="Which floor?")
    assert re.search(r"Reply</span>[^(]* \(<bdi>[^<]+</bdi>\) ·", at_the_desk(ann, case))
    theirs = at_home(olga, case)
    assert re.search(r"Now:</span> <bdi>[^<]+</bdi> ·", theirs)


def test_nobody_prints_what_they_do_not_see(app: Flask, olga: Character, ann: Character, mallory: Character) -> None:
    """attacks 43 and 59"""
    case, other = olga.writes("Printer on fire"), mallory.writes("Mine")
    kept_out = Visitor(app).is_let_in(mallory.email, "cabinet")
    assert kept_out.opens(f"/my/requests/{case.ref}/print").status_code == 404
    assert kept_out.opens(f"/desk/tickets/{case.ref}/print").status_code == 404
    assert kept_out.opens(f"/my/requests/{other.ref}/print").status_code == 200
    ann.performs("forward", case, text="Have a look.")
    assert AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}/print").status_code == 404


def test_a_long_story_is_printed_to_its_end(
    app: Flask, olga: Character, ann: Character, at_the_desk: Print, at_home: Print
) -> None:
    case = olga.writes("Printer on fire", "message 0;")
    total = FOLDED + 7
    for number in range(1, total):
        if number % 10 == 5:
            ann.performs("comment", case, text=f"message {number};")
        else:
            olga.writes("Re", f"message {number};", about=case)
    every = [str(number) for number in range(total)]
    assert re.findall(r"message (\d+);", at_the_desk(ann, case)) == every
    public = [number for number in every if int(number) % 10 != 5]
    assert re.findall(r"message (\d+);", at_home(olga, case)) == public


def test_what_has_no_room_is_said_to_be_left_out(
    app: Flask, olga: Character, ann: Character, at_the_desk: Print, at_home: Print, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = olga.writes("Printer on fire", "the first")
    olga.writes("Re", "the last", about=case)
    assert "Only the first" not in at_the_desk(ann, case)
    monkeypatch.setattr(paper, "MOST", 1)
    for page in (at_the_desk(ann, case), at_home(olga, case)):
        assert "the first" in page
        assert "the last" not in page
        assert "Only the first 1 entries are printed." in page


def test_what_goes_out_of_sight_meanwhile_is_not_printed(
    app: Flask, olga: Character, ann: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = olga.writes("Printer on fire", "the first")
    for number in range(FOLDED):
        olga.writes("Re", f"message {number};", about=case)
    monkeypatch.setattr(streaming, "AT_ONCE", 1)
    sent = AtTheDesk(app, ann).client.get(f"/desk/tickets/{case.ref}/print", buffered=False)
    parts = iter(sent.response)
    text = b""
    while b"the first" not in text:
        text += next(parts)
    with app.app_context(), writing() as here:
        here.execute(Ticket.__table__.update().values(state="awaiting_payment"))
    text += b"".join(parts)
    sent.close()
    assert "the ticket is not in your sight any more" in text.decode()
    assert f"message {FOLDED - 1};" not in text.decode()


def test_times_are_the_readers(app: Flask, olga: Character, ann: Character, at_the_desk: Print) -> None:
    case = olga.writes("Printer on fire")
    with app.app_context(), writing():
        person = find.by_email(ann.email)
        assert person is not None
        person.timezone = "Asia/Tokyo"
    page = at_the_desk(ann, case)
    assert "Times are those of Asia/Tokyo." in page


def test_a_rich_message_is_printed_whole_and_its_quotes_are_said_to_be_left_out(
    olga: Character, ann: Character, at_the_desk: Print
) -> None:
    case = olga.writes("Printer on fire")
    table = "<table><tr><td>Floor</td><td><a href='https://acme.example/3'>three</a></td></tr></table>"
    olga.writes("Re", about=case, message=Rich("Floor three", table, "What you wrote before"))
    page = at_the_desk(ann, case)
    assert "<td>Floor</td>" in page
    assert "https://acme.example/3" in page
    assert "What this message quotes is left out." in page
    assert "What you wrote before" not in page
