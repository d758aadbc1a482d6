"""The two pages of the day ask the database little: on PostgreSQL each question is a journey, and on either database
one that is built anew takes longer to build than to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from helpdesk.db import session
from tests import side_desk
from tests.at_the_desk import AtTheDesk
from tests.cast import Character
from tests.program import Program
from tests.statements import OF_THE_CLOCK, listening

QUEUE = ["sign_ins", "places", "states"]  # who asks, the rows, the sidebar's numbers
TICKET = ["sign_ins", "tickets", "events", "'messages'", "'values'", "states"]


OF_PROGRAMS = {  # of its tickets' people a program gets the addresses, which pages show nowhere
    "/tickets": ["api_tokens", "places", "requester_id"],
    "/tickets/{ref}": [
        "api_tokens",
        "tickets",
        "events",
        "messages",
        "deliveries.recipient",
        "attachments",
        "deliveries.status",
        "field_values",
    ],
    "/tickets/{ref}/messages": ["api_tokens", "tickets", "messages", "deliveries.recipient", "attachments"],
    "/tickets/{ref}/events": ["api_tokens", "tickets", "events"],
    "/tickets/{ref}/deliveries": ["api_tokens", "tickets", "deliveries.status"],
    "/tickets/{ref}/actions": ["api_tokens", "tickets", "field_values"],
}


_WHOSE = "JOIN people ON people.id = addresses.person_id"


@contextmanager
def questions(app: Flask) -> Iterator[list[tuple[str, bool]]]:
    """What the database is asked meanwhile, and whether the statement was at hand, built and compiled."""
    asked: list[tuple[str, bool]] = []

    def note(statement: str, _values: Any, context: Any) -> None:
        if context.compiled is not None and OF_THE_CLOCK not in statement:
            asked.append((statement, context.cache_hit.name == "CACHE_HIT"))

    with listening(app, note):
        yield asked


@pytest.mark.parametrize(("page", "wanted"), [("/desk/", QUEUE), ("/desk/tickets/{ref}", TICKET)])
def test_a_page_asks_little_and_builds_no_question_anew(
    app: Flask, ann: Character, olga: Character, page: str, wanted: list[str]
) -> None:
    case = olga.writes("Printer on fire")
    ann.performs("reply", case, text="Which floor?")
    ann.performs("comment", case, text="Again.")
    olga.writes("Another printer")
    browser = AtTheDesk(app, ann)
    address = page.format(ref=case.ref)
    browser.opens(address)
    with questions(app) as asked:
        assert browser.opens(address).status_code == 200
    assert len(asked) == len(wanted), [statement[:60] for statement, _ in asked]
    for (statement, at_hand), subject in zip(asked, wanted, strict=True):
        assert subject in statement
        assert at_hand, statement


@pytest.mark.parametrize("path", OF_PROGRAMS)
def test_a_program_asks_little_too_however_much_there_is(
    app: Flask, ann: Character, boris: Character, olga: Character, path: str
) -> None:
    case = olga.writes("Printer on fire")
    for number in range(5):
        (ann, boris)[number % 2].performs("reply", case, text="Which floor?")
        olga.writes("Re: Printer on fire", "The third.", about=case)
        Character(app, f"customer{number}@example.org").writes("Another printer")
    program = Program(app, "ann@acme.example")
    address = path.format(ref=case.ref)
    for _ in range(2):  # a part that questions share has another key in the cache once a process has used it
        program.gets(address)
    with questions(app) as asked:
        assert program.gets(address).status_code == 200
    assert len(asked) == len(OF_PROGRAMS[path]), [statement[:60] for statement, _ in asked]
    for (statement, at_hand), subject in zip(asked, OF_PROGRAMS[path], strict=True):
        assert subject in statement
        assert at_hand, statement


def test_side_conversations_cost_one_question_more_however_many_there_are(
    app: Flask, ann: Character, olga: Character
) -> None:
    side_desk.adopt(app)
    case = olga.writes("Printer on fire")
    for number in range(3):
        ann.performs("ask_outside", case, text="How much?", recipients=f"v{number}@parts.example")
    browser, page = AtTheDesk(app, ann), f"/desk/tickets/{case.ref}"
    browser.opens(page)
    with questions(app) as asked:
        assert browser.opens(page).text.count("side-thread") == 3
    assert len(asked) == len(TICKET) + 1
    assert all(at_hand for _, at_hand in asked)


def test_whose_addresses_these_are_is_one_question_however_many_they_are(
    app: Flask, ann: Character, olga: Character
) -> None:
    """In copy, and in a side conversation, people of whom the desk knows the addresses."""
    side_desk.adopt(app)
    counted = []
    for crowd in ("one", "more"):
        people = [f"{crowd}{number}@parts.example" for number in range(1 if crowd == "one" else 9)]
        for each in people:
            Character(app, each).writes("Hello")
        case = olga.writes("Printer on fire")
        ann.performs("share", case, add="\n".join(people))
        with questions(app) as asked:
            ann.performs("reply", case, text="Which floor?")
            ann.performs("ask_outside", case, text="How much?", recipients="\n".join(people))
        counted.append(len([each for each, _ in asked if "FROM people JOIN addresses" in each or _WHOSE in each]))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_questions_of_a_page_stay_prepared_in_the_server(app: Flask, ann: Character) -> None:
    """psycopg prepares what it has asked five times, and lets go of everything at a ROLLBACK."""
    browser = AtTheDesk(app, ann)
    for _ in range(6):
        browser.opens("/desk/")
    with app.app_context():
        kept = session().scalar(text("select string_agg(statement, ';') from pg_prepared_statements"))
    assert all(subject in (kept or "") for subject in QUEUE)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_only_reads_holds_no_transaction_open(app: Flask) -> None:
    """Else the server is told of its beginning and of its end, and keeps for as long what others have deleted."""
    with app.app_context():
        first, second = (session().scalar(text("select now()")) for _ in range(2))  # when the transaction began
    assert first < second
