"""The list of tickets: what stands in each filter, page by page, and that no more is read than shown (W1, W6, W53)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, cast, insert, literal, select, text, true

from helpdesk import clock, planner
from helpdesk.db import db, session, writing
from helpdesk.errors import NotFound
from helpdesk.people import find
from helpdesk.tickets import counts, filters, following, queue, unread
from helpdesk.tickets.models import Follower, Ticket, Unread
from tests.cast import Case, Character
from tests.statements import OF_THE_CLOCK, listening


def stand_in(app: Flask, who: Character, key: str, **place: Any) -> list[str]:
    """The refs that stand in a list for this person."""
    with app.app_context():
        person = find.by_email(who.email)
        return [row.ref for row in queue.page(person, filters.find(person, key), **place).rows]


def counted(app: Flask, who: Character) -> dict[str, int]:
    with app.app_context():
        person = find.by_email(who.email)
        return counts.of(person, filters.for_person(person))


@contextmanager
def questions(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """The statements asked of the database meanwhile, with their values."""
    asked: list[tuple[str, Any]] = []

    def note(statement: str, values: Any, _context: Any) -> None:
        if statement.lower().startswith(("select", "with")) and OF_THE_CLOCK not in statement:
            asked.append((statement, values))

    with listening(app, note):
        yield asked


def test_each_list_holds_what_its_name_says(app: Flask, ann: Character, boris: Character, olga: Character) -> None:
    new, taken, passed, done = (olga.writes(subject) for subject in ("New", "Taken", "Passed on", "Done"))
    ann.performs("take", taken)
    boris.performs("close", done, kind="billing")
    boris.performs("forward", passed)
    boris.performs("return_to_front", passed)
    assert stand_in(app, ann, "open") == [passed.ref, taken.ref, new.ref]
    assert stand_in(app, ann, "mine") == [taken.ref]
    assert stand_in(app, ann, "groups") == [passed.ref]
    assert stand_in(app, ann, "unassigned") == [new.ref]
    assert stand_in(app, ann, "all") == [passed.ref, done.ref, taken.ref, new.ref]
    assert stand_in(app, ann, "state:repair.done") == [done.ref]
    assert counted(app, ann)["open"] == 3
    assert counted(app, ann)["unassigned"] == 1
    assert "all" not in counted(app, ann), "finished tickets are not counted"


def test_a_list_shows_only_states_the_person_sees(
    app: Flask, kadri: Character, boris: Character, olga: Character
) -> None:
    """W35, W37: the accountant sees what awaits payment and nothing else, in lists and in counts (attack 44)."""
    olga.writes("Nothing to pay")
    paying = olga.writes("To pay")
    boris.performs("quote", paying, price="20")
    assert stand_in(app, kadri, "open") == [paying.ref]
    assert stand_in(app, kadri, "all") == [paying.ref]
    assert counted(app, kadri)["open"] == 1
    with pytest.raises(NotFound):
        stand_in(app, kadri, "state:repair.new")


def test_unread_marks_are_a_list_and_go_when_the_ticket_is_read(app: Flask, ann: Character, olga: Character) -> None:
    first, second = olga.writes("First"), olga.writes("Second")
    assert stand_in(app, ann, "unread") == [second.ref, first.ref]
    with app.app_context(), writing():
        unread.clear(find.by_email(ann.email), second.id)
    assert stand_in(app, ann, "unread") == [first.ref]
    assert counted(app, ann)["unread"] == 1


def test_an_unread_ticket_that_went_out_of_sight_is_not_listed(
    app: Flask, ann: Character, boris: Character, olga: Character
) -> None:
    case = olga.writes("Secret soon")
    boris.performs("forward", case)
    assert stand_in(app, ann, "unread") == []
    assert counted(app, ann)["unread"] == 0


def test_pages_go_on_where_the_one_before_ended(app: Flask, ann: Character, boris: Character, olga: Character) -> None:
    """Keyset paging over several states: each ticket once, in order, there and back, even where times are the same."""
    with clock.frozen(clock.now()):
        cases = [olga.writes(f"Number {n}") for n in range(7)]  # all at the same moment
        clock.travel(timedelta(minutes=1))
        for case in cases[::2]:
            boris.performs("reply", case, text="Which floor?")
    whole = stand_in(app, ann, "open")
    assert len(whole) == 7
    with app.app_context():
        person = find.by_email(ann.email)
        chosen = filters.find(person, "open")
        there, page = [], queue.page(person, chosen, size=3)
        there.append([row.ref for row in page.rows])
        while page.older:
            page = queue.page(person, chosen, before=queue.Place.read(str(page.older)), size=3)
            there.append([row.ref for row in page.rows])
        assert [ref for each in there for ref in each] == whole
        assert [len(each) for each in there] == [3, 3, 1]
        back = queue.page(person, chosen, after=page.newer, size=3)
        assert [row.ref for row in back.rows] == there[1]
        first = queue.page(person, chosen, after=back.newer, size=3)
        assert [row.ref for row in first.rows] == there[0]


@pytest.mark.parametrize("place", ["", "1", "x.y", "1.", "99999999999999999999.1", "-5.3", "1.99999999999"])
def test_a_page_nobody_gave_out_is_not_there(place: str) -> None:
    with pytest.raises(NotFound):
        queue.Place.read(place)


def test_a_row_tells_what_a_list_shows(app: Flask, ann: Character, olga: Character) -> None:
    case = olga.writes("Printer on fire")
    ann.performs("take", case)
    olga.writes("Re: Printer on fire", "It burns.", about=case)
    with app.app_context():
        person = find.by_email(ann.email)
        (row,) = queue.page(person, filters.find(person, "open")).rows
    assert (row.requester, row.assignee, row.group, row.unread) == ("Olga", "Ann", "", True)


def test_somebody_without_a_name_goes_by_the_address(app: Flask, ann: Character, olga: Character) -> None:
    olga.writes("Nameless", name="")
    with app.app_context():
        person = find.by_email(ann.email)
        assert [row.requester for row in queue.page(person, filters.find(person, "open")).rows] == ["olga@example.org"]


def test_counting_stops_at_a_hundred(app: Flask, ann: Character, olga: Character) -> None:
    case = olga.writes("The first")
    copy_tickets(app, case, 130)
    numbers = counted(app, ann)
    assert (numbers["open"], numbers["unassigned"], numbers["state:repair.new"]) == (counts.MOST,) * 3


def test_a_list_asks_the_same_questions_however_long_it_is(app: Flask, ann: Character, olga: Character) -> None:
    case = olga.writes("The first")

    def cost() -> int:
        with app.app_context(), questions(app) as asked:
            person = find.by_email(ann.email)
            lists = filters.for_person(person)
            asked.clear()
            queue.page(person, lists[0])
            counts.of(person, lists)
            return len(asked)

    before = cost()
    copy_tickets(app, case, 120)
    assert cost() == before == 2  # the merge with all its rows show, and all counts at once


@pytest.mark.parametrize("key", ["open", "mine", "groups", "unassigned", "unread", "all", "state:repair.new"])
def test_no_list_reads_a_whole_table(app: Flask, ann: Character, olga: Character, key: str) -> None:
    """Each walk goes along an index that holds its order: nothing is scanned, and only a few pages' rows are sorted."""
    case = olga.writes("The first")
    copy_tickets(app, case, 20_000)  # of a few thousand PostgreSQL rather reads all
    with app.app_context(), writing() as here:
        marks = select(literal(find.by_email(ann.email).id), Ticket.id, Ticket.activity_at).where(Ticket.id > case.id)
        here.execute(insert(Unread).from_select(["person_id", "ticket_id", "at"], marks))
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as bare:
                bare.execute(text("vacuum analyze tickets"))
                bare.execute(text("analyze unread_marks"))
        person = find.by_email(ann.email)
        chosen = filters.find(person, key)
        with questions(app) as asked:
            place = queue.Place(clock.now() + timedelta(days=1), 10_000)
            queue.page(person, chosen, before=place)
            counts.of(person, filters.for_person(person))
        for statement, values in [asked[0], asked[-1]]:
            assert_along_an_index(plan_of(statement, values))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_nobody_has_is_counted_along_its_own_index_whether_sqlite_knows_its_tables_or_not(
    app: Flask, ann: Character
) -> None:
    """Among all tickets of its states it would take the longer the larger the desk is."""
    for knows in (False, True):
        with app.app_context():
            if knows:
                planner.look()
            person = find.by_email(ann.email)
            with questions(app) as asked:
                counts.of(person, filters.for_person(person))
            plans = [plan_of(statement, values) for statement, values in asked if "tickets" in statement]
            assert any("ix_tickets_unassigned" in line for plan in plans for line in plan), plans


def plan_of(statement: str, values: Any) -> list[str]:
    on_sqlite = db.engine.dialect.name == "sqlite"
    words = "explain query plan " if on_sqlite else "explain "
    rows = session().connection().exec_driver_sql(words + statement, values)
    return [str(row[-1]) for row in rows]


def assert_along_an_index(plan: list[str]) -> None:
    whole = "\n".join(plan)
    assert "Seq Scan on tickets" not in whole, whole
    assert "Seq Scan on unread_marks" not in whole, whole
    assert "SCAN tickets" not in whole, whole
    assert "SCAN unread_marks" not in whole, whole
    walks = [line for line in plan if "SEARCH tickets USING" in line and "PRIMARY KEY" not in line]
    assert all(
        "(workflow=?" in line or "_id=? AND workflow=?" in line or "group_name=? AND workflow=?" in line
        for line in walks
    )


def copy_tickets(app: Flask, case: Case, number: int) -> None:
    """Many tickets like this one, straight into the table: only their number matters here."""
    with app.app_context(), writing() as here:
        one = select(literal(1).label("n")).cte("numbers", recursive=True)
        numbers = one.union_all(select(one.c.n + 1).where(one.c.n < number))
        table, n = Ticket.__table__, numbers.c.n
        given = {"id": table.c.id + n, "ref": table.c.ref + "-" + cast(n, String)}
        copies = select(*(given.get(each.name, each) for each in table.c)).join_from(table, numbers, true())
        here.execute(insert(table).from_select(list(table.c.keys()), copies.where(table.c.id == case.id)))


def test_following_is_a_persons_own_mark(app: Flask, ann: Character, olga: Character) -> None:
    """W54. Twice is once."""
    case = olga.writes("Interesting")
    with app.app_context():
        person = find.by_email(ann.email)
        mark = (case.id, person.id)
        for change, there in ((following.start, True), (following.start, True), (following.stop, False)):
            with writing():
                change(person, case.id)
            assert (session().get(Follower, mark) is not None) is there
