"""A ticket with thousands of messages is shown by its newest, and read on page by page, as its reader may see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, cast, func, insert, literal, select, true

from helpdesk.db import Base, is_sqlite, session, writing
from helpdesk.people import find
from helpdesk.tickets import following
from helpdesk.tickets.models import Delivery, Event, Message
from tests.cast import Case, Character
from tests.cli.conftest import Helpdesk, helpdesk  # noqa: F401 - the command line on this desk
from tests.program import Program
from tests.tables import looked_at
from tests.tickets.test_queue import plan_of, questions

OLGA, ANN = "olga@example.org", "ann@acme.example"
LISTS = ("events", "messages", "deliveries")
NEWEST = 200  # of each list, in the ticket itself
NOTE = "Do not tell her that the part is used."
ROUNDS = 220  # more of each list than stands in the ticket, also of what a customer sees
INDEXES = {"events": "ix_events_ticket", "messages": "ix_messages_ticket", "deliveries": "ix_deliveries_ticket"}


@pytest.fixture
def case(app: Flask, olga: Character, ann: Character, boris: Character) -> Case:
    """Olga asks, Ann answers, Boris hears of it, and there is a note; and all of it again, hundreds of times."""
    case = olga.writes("Printer on fire", "It burns.")
    with app.app_context(), writing():
        following.start(find.by_email(boris.email), case.id)
    ann.performs("comment", case, text=NOTE)
    ann.performs("reply", case, text="Which floor?")
    again(app, [case], ROUNDS)
    return case


def again(app: Flask, cases: Sequence[Case], rounds: int) -> None:
    """What happened once on each happens so many times more, straight into the tables: only the length matters here."""
    with app.app_context(), writing() as here:
        span = 1 + max(here.scalar(select(func.max(model.id))) or 0 for model in (Event, Message, Delivery))
        one = select(literal(1).label("n")).cte("numbers", recursive=True)
        n = (numbers := one.union_all(select(one.c.n + 1).where(one.c.n < rounds))).c.n
        for model in (Event, Message, Delivery):
            columns = model.__table__.c
            given: dict[str, Any] = {"id": columns.id + n * span}
            if model is not Event:
                given["event_id"] = columns.event_id + n * span
            if model is Delivery:
                given["message_id"] = columns.message_id + "-" + cast(n, String)
            copies = select(*(given.get(each.name, each) for each in columns)).join_from(
                model.__table__, numbers, true()
            )
            rows = copies.where(columns.ticket_id.in_([case.id for case in cases]))
            here.execute(insert(model.__table__).from_select(list(columns.keys()), rows))


def ids(app: Flask, model: type[Base], *conditions: Any) -> list[int]:
    with app.app_context():
        return list(session().scalars(select(model.id).where(*conditions).order_by(model.id)))


def of(app: Flask, case: Case, who: str, customer: int) -> dict[str, list[int]]:
    """What there is of each list for one of them, by its rows."""
    hers = who == OLGA
    return {
        "events": ids(app, Event, Event.ticket_id == case.id, *([Event.for_customer] if hers else [])),
        "messages": ids(app, Message, Message.ticket_id == case.id, *([Message.audience == "public"] if hers else [])),
        "deliveries": ids(
            app, Delivery, Delivery.ticket_id == case.id, *([Delivery.person_id == customer] if hers else [])
        ),
    }


@pytest.mark.parametrize("who", [ANN, OLGA])
def test_a_program_reads_a_long_ticket_to_its_first_word(app: Flask, case: Case, olga: Character, who: str) -> None:
    """Its newest stand in it, and each list goes on from there, every row once. Attack 41: to a customer none is told
    that is not theirs.
    """
    program, there, told = Program(app, who), of(app, case, who, olga.id), []
    ticket = program.gets(f"/tickets/{case.ref}")
    assert min(len(rows) for rows in there.values()) > NEWEST
    assert ticket.json["next"].keys() == {*LISTS}
    for name in LISTS:
        newest = program.gets(f"/tickets/{case.ref}/{name}", limit=NEWEST)
        place = ticket.json["next"][name]
        assert newest.json == {name: ticket.json[name], "next": place}
        found = [each["id"] for each in ticket.json[name]]
        assert found == there[name][-NEWEST:]
        while place is not None and len(told) < 30:
            page = program.gets(f"/tickets/{case.ref}/{name}", before=place, limit=97)
            found, place = [*(each["id"] for each in page.json[name]), *found], page.json["next"]
            told.append(page.text)
        assert found == there[name]
        assert len(program.gets(f"/tickets/{case.ref}/{name}").json[name]) == 50
    words = "".join((ticket.text, *told))
    assert "Which floor?" in words
    assert (NOTE in words) == (who == ANN)
    assert ("acme.example" in words.replace("desk.acme.example", "")) == (who == ANN)


@pytest.mark.parametrize("who", [ANN, OLGA])
def test_a_script_reads_it_by_the_same_pages(
    app: Flask,
    case: Case,
    helpdesk: Helpdesk,  # noqa: F811
    who: str,
) -> None:
    program, words = Program(app, who), ("ticket", "show", case.ref, "--as", who)
    whole = helpdesk(*words, "--json").json
    assert whole == program.gets(f"/tickets/{case.ref}").json
    short = helpdesk(*words, "--json", "--limit", "2").json
    for name in LISTS:
        assert short[name] == whole[name][-2:]
        older = helpdesk(*words, "--json", "--only", name, "--before", whole["next"][name], "--limit", "3").json
        same = program.gets(f"/tickets/{case.ref}/{name}", before=whole["next"][name], limit=3).json
        assert older == same
        assert len(older[name]) == 3


def test_what_a_person_reads_at_a_prompt_says_where_older_words_are(
    case: Case,
    helpdesk: Helpdesk,  # noqa: F811
) -> None:
    words = ("ticket", "show", case.ref, "--as", ANN)
    place = helpdesk(*words, "--json").json["next"]["messages"]
    assert f"(older messages: --only messages --before {place})" in helpdesk(*words).out
    for name in LISTS:
        page = helpdesk(*words, "--json", "--only", name, "--limit", "3").json
        shown = helpdesk(*words, "--only", name, "--limit", "3").out
        assert f"(older {name}: --only {name} --before {page['next']})" in shown
        first = helpdesk(*words, "--only", name, "--before", str(page[name][0]["id"] + 1), "--limit", "1").out
        assert first.strip()
    said = helpdesk(*words, "--only", "messages", "--limit", "3").out
    assert [each for each in said.split("\n") if each.startswith("  ")] == [
        "  It burns.",
        f"  {NOTE}",
        "  Which floor?",
    ]


def test_an_ordinary_ticket_says_of_no_more(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer on fire")
    ann.performs("reply", case, text="Which floor?")
    for who in (ANN, OLGA):
        program = Program(app, who)
        ticket = program.gets(f"/tickets/{case.ref}").json
        assert [*ticket][-3:] == ["events", "messages", "deliveries"]
        for name in LISTS:
            assert program.gets(f"/tickets/{case.ref}/{name}").json == {name: ticket[name], "next": None}


def test_a_place_that_no_page_gave_is_refused(
    app: Flask,
    olga: Character,
    ann: Character,
    helpdesk: Helpdesk,  # noqa: F811
) -> None:
    """attacks 56, 60 and 88"""
    case = olga.writes("Printer on fire")
    for name in LISTS:
        for query, wrong in (
            ({"before": "x"}, "before"),
            ({"before": "-1"}, "before"),
            ({"before": "9" * 40}, "before"),
            ({"limit": "201"}, "limit"),
            ({"limit": "0"}, "limit"),
            ({"order": "id"}, "order"),
        ):
            answer = Program(app, ANN).gets(f"/tickets/{case.ref}/{name}", **query)
            assert (answer.status_code, [*answer.json["problems"]]) == (422, [wrong]), (name, query)
        assert Program(app, ANN).gets(f"/tickets/{case.ref}/{name}", before="0").json == {name: [], "next": None}
        beyond = Program(app, ANN).gets(f"/tickets/{case.ref}/{name}", before="9" * 18)
        assert beyond.json == Program(app, ANN).gets(f"/tickets/{case.ref}/{name}").json, "no row has such a number"
    words = ("ticket", "show", case.ref, "--as", ANN)
    assert helpdesk(*words, "--only", "messages", "--before", "x").code == 3
    assert helpdesk(*words, "--before", "7").code == 2
    assert helpdesk(*words, "--only", "notes").code == 2


@pytest.mark.parametrize("who", [ANN, OLGA])
def test_a_long_ticket_asks_as_much_as_a_short_one_and_goes_along_its_indexes(
    app: Flask, olga: Character, ann: Character, who: str
) -> None:
    case = olga.writes("Printer on fire", "It burns.")
    ann.performs("reply", case, text="Which floor?")
    others = [olga.writes(f"Another {number}") for number in range(20)]
    program = Program(app, who)
    paths = ["", *(f"/{name}" for name in LISTS)]

    def asked(before: str = "") -> list[tuple[str, Any]]:
        with questions(app) as found:
            for path in paths:
                place = {"before": before} if path and before else {}
                assert program.gets(f"/tickets/{case.ref}{path}", **place).status_code == 200
        return found

    asked()
    short = len(asked())
    again(app, [case, *others], 1000)
    looked_at(app)
    long = asked()
    assert len(long) == short
    onward = asked(before=str(10**9))
    for name in LISTS:
        walks = [each for each in (*long, *onward) if f"ORDER BY {name}.ticket_id DESC, {name}.id DESC" in each[0]]
        assert len(walks) == 4
        goes_along(app, walks, INDEXES[name])
    readers = [each for each in (*long, *onward) if "deliveries.event_id IN" in each[0]]
    assert len(readers) == 4
    goes_along(app, readers, "ix_deliveries_event", sorts=True)
    told = [statement for statement, _values in long if "FROM events" in statement]
    assert all("LIMIT" in statement for statement in told), "nothing else reads the history"


def goes_along(app: Flask, asked: list[tuple[str, Any]], index: str, *, sorts: bool = False) -> None:
    with app.app_context():
        for statement, values in asked:
            plan = "\n".join(plan_of(statement, values))
            assert index in plan, plan
            assert sorts or "Sort" not in plan.split("SubPlan")[0], plan
            assert sorts or not is_sqlite() or "TEMP B-TREE" not in plan.split("SCALAR SUBQUERY")[0], plan
