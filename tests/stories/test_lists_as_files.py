"""The head of support takes a list along as a file: all of it, in the order of the page, whatever happens meanwhile."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from helpdesk.db import writing
from helpdesk.desk import downloading
from helpdesk.people import find
from helpdesk.people.models import PersonRole
from helpdesk.tickets import walking
from helpdesk.web import streaming
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.statements import listening


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few tickets are many portions, and each leaves at once."""
    monkeypatch.setattr(walking, "PORTION", 2)
    monkeypatch.setattr(streaming, "AT_ONCE", 1)


def asks(app: Flask, who: Character, **asked: str) -> TestResponse:
    answer = AtTheDesk(app, who).opens("/desk/tickets.csv", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def numbers(text: str) -> list[str]:
    return [each["Number"] for each in lines(text)]


def test_the_head_takes_the_list_along(app: Flask, olga: Character, ann: Character, boris: Character) -> None:
    case = olga.writes('Printer "Pro", on fire: ქართული, русский, 日本語')
    ann.performs("take", case)
    ann.performs("details", case, kind="technical", serial="AB123456")
    answer = asks(app, boris, filter="open")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="tickets-20')
    assert answer.data.startswith(b"\xef\xbb\xbf"), "by which spreadsheets know UTF-8"
    assert b"\r\n" in answer.data
    (line,) = lines(answer.text)
    assert line["Number"] == case.ref
    assert line["Subject"] == 'Printer "Pro", on fire: ქართული, русский, 日本語'
    told = [line[name] for name in ("State", "Workflow", "Requester", "Requester's address", "Assignee")]
    assert told == ["New", "Repairs", "Olga", "olga@example.org", "Ann"]
    assert [line["Kind of request"], line["Serial number"], line["Price"]] == ["Technical", "AB123456", ""]
    for name in ("Created (UTC)", "Last activity (UTC)"):
        assert datetime.fromisoformat(line[name]).utcoffset() is not None


def test_it_has_the_list_and_the_order_of_the_page(
    app: Flask, olga: Character, ann: Character, boris: Character, small_portions: None
) -> None:
    cases = [olga.writes(f"Printer {number} on fire") for number in range(7)]
    ann.performs("comment", cases[2], text="That one again.")
    ann.performs("take", cases[4])
    page = AtTheDesk(app, boris).opens("/desk/filters/all").text
    assert 'href="/desk/tickets.csv?filter=all"' in page
    by_activity = [cases[place].ref for place in (4, 2, 6, 5, 3, 1, 0)]
    assert numbers(asks(app, boris, filter="all").text) == by_activity
    assert numbers(asks(app, ann.joins(roles=["manager"]), filter="mine").text) == [cases[4].ref]
    found = AtTheDesk(app, boris).opens("/desk/search?q=printer").text
    assert 'href="/desk/tickets.csv?q=printer"' in found
    assert set(numbers(asks(app, boris, q="printer").text)) == {case.ref for case in cases}
    assert numbers(asks(app, boris, q="nothing like it").text) == []


def test_what_moves_up_meanwhile_is_there_once(
    app: Flask, olga: Character, ann: Character, boris: Character, small_portions: None
) -> None:
    """Somebody writes on the ticket at the end of the list while its beginning is being sent."""
    cases = [olga.writes(f"Printer {number} on fire") for number in range(6)]
    sent = AtTheDesk(app, boris).client.get("/desk/tickets.csv?filter=all", buffered=False)
    parts = iter(sent.response)
    text = next(parts) + next(parts)
    ann.performs("comment", cases[0], text="Look at that one.")
    ann.performs("comment", cases[5], text="And at this one.")
    new = olga.writes("A new one")
    text += b"".join(parts)
    sent.close()
    assert sorted(numbers(text.decode())) == sorted(case.ref for case in [*cases, new])


def test_a_right_that_is_taken_away_ends_the_file(
    app: Flask, olga: Character, boris: Character, small_portions: None
) -> None:
    cases = [olga.writes(f"Printer {number} on fire") for number in range(6)]
    sent = AtTheDesk(app, boris).client.get("/desk/tickets.csv?filter=all", buffered=False)
    parts = iter(sent.response)
    text = next(parts) + next(parts)
    with app.app_context(), writing() as here:
        person = find.by_email(boris.email)
        assert person is not None
        here.query(PersonRole).filter_by(person_id=person.id).delete()
    text += b"".join(parts)
    sent.close()
    assert numbers(text.decode())[:2] == [cases[5].ref, cases[4].ref]
    assert "you may not see the rest any more" in numbers(text.decode())[-1]
    assert cases[0].ref not in text.decode()


def test_a_file_says_what_it_has_no_room_for(
    app: Flask, olga: Character, boris: Character, monkeypatch: pytest.MonkeyPatch, small_portions: None
) -> None:
    cases = [olga.writes(f"Printer {number} on fire") for number in range(5)]
    monkeypatch.setattr(downloading, "MOST", 5)
    assert len(numbers(asks(app, boris, filter="all").text)) == 5, "all of them, and not a word"
    monkeypatch.setattr(downloading, "MOST", 3)
    told = numbers(asks(app, boris, filter="all").text)
    assert told[:3] == [case.ref for case in cases[:1:-1]]
    assert told[3:] == ["There are more: a file holds 3 tickets at most."]


def test_a_longer_list_costs_no_more_questions_a_portion(
    app: Flask, olga: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No ticket costs a question of its own."""
    for number in range(6):
        olga.writes(f"Printer {number} on fire")
    browser = AtTheDesk(app, boris)

    def counted(portion: int) -> int:
        monkeypatch.setattr(walking, "PORTION", portion)
        with statements(app) as asked:
            assert len(numbers(browser.opens("/desk/tickets.csv?filter=all").text)) == 6
        return len(asked)

    counted(100)
    one, three = counted(100), counted(2)
    assert one <= 14
    assert three <= 3 * one


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    asked: list[str] = []
    with listening(app, lambda statement, _values, _context: asked.append(statement)):
        yield asked


def test_lists_are_taken_along_thirty_times_an_hour(app: Flask, olga: Character, boris: Character) -> None:
    case: Case = olga.writes("Printer on fire")
    browser = AtTheDesk(app, boris)
    answers = [browser.opens("/desk/tickets.csv") for _time in range(31)]
    assert all(case.ref in answer.text for answer in answers[:30])
    assert answers[30].status_code == 429
