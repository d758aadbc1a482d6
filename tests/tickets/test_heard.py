"""A customer's list goes by when they last heard of each request, however many they have (attack 41)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from config import Settings
from helpdesk import clock
from helpdesk.db import is_sqlite, session, writing
from helpdesk.people import find
from helpdesk.tickets import lists
from helpdesk.tickets.models import Ticket
from tests.actions import desks
from tests.actions.desks import AGAIN, DONE, OPEN, in_force
from tests.cast import Case, Character
from tests.program import Program
from tests.tables import as_of_a_desk_before, looked_at
from tests.tickets.test_queue import copy_tickets, plan_of, questions
from tests.visitor import Visitor

BEFORE = "0042"  # the migration before the one that keeps the hour
MANY = 3000
ROLES = (
    "agent: {label: Agent, may: [create, be_assigned]}",
    "agent: {label: Agent, may: [create, be_assigned, merge]}",
)
ON_MESSAGE = "on_message: {customer: asks, other: note}"
STATES = f"""
    new: {{{OPEN}, actions: [answer, note, told, aside, merge, away, close], {ON_MESSAGE}}}
    vault: {{label: Vault, HIDING, visible_to: [everyone], actions: [note, back], {ON_MESSAGE}}}
    {DONE}"""
ACTIONS = f"""
    answer: {{type: reply, label: Answer, allow: [agent], fields: [message]}}
    asks: {{type: customer_message, label: Ask, customer: run, fields: [message, files]}}
    note: {{type: comment, label: Note, allow: [agent], fields: [message]}}
    told: {{type: set_fields, label: Look at it, allow: [agent], customer: see}}
    aside: {{type: set_fields, label: Think, allow: [agent]}}
    merge: {{type: merge, label: Merge, allow: [agent]}}
    away: {{type: set_fields, label: Away, allow: [agent], to: vault}}
    back: {{type: set_fields, label: Back, allow: [agent], to: new}}
    close: {{type: close, label: Close, allow: [agent], to: done}}
    {AGAIN}"""
HIDDEN, SHOWN = "hidden_from_customer: true", "customer_label: Kept"


@pytest.fixture(autouse=True)
def desk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A desk whose vault no customer sees, and a clock that stands."""
    roles = (each.replace("{", "{{").replace("}", "}}") for each in ROLES)
    monkeypatch.setattr(desks, "DESK", desks.DESK.replace(*roles))
    comes_into_force(app, HIDDEN)
    with clock.frozen(clock.now()):
        yield


def comes_into_force(app: Flask, vault: str) -> None:
    in_force(app, states=STATES.replace("HIDING", vault), actions=ACTIONS)


def later() -> None:
    clock.travel(timedelta(hours=1))


def write(olga: Character, *subjects: str) -> list[Case]:
    """Requests an hour apart, and it is an hour later."""
    cases = []
    for subject in subjects:
        cases.append(olga.writes(subject))
        later()
    return cases


def hers(app: Flask, olga: Character, *, limit: int = 50, **asked: Any) -> list[str]:
    """The subjects of the list, gone through page by page."""
    with app.app_context():
        person, subjects, before = find.by_email(olga.email), [], ""
        while True:
            page = lists.page(person, lists.Asked(**asked), limit=limit, before=before)
            subjects += [row["subject"] for row in page.rows]
            if page.next is None:
                return subjects
            before = page.next


def hours(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return dict(session().execute(select(Ticket.subject, Ticket.heard_at)).all())


def test_what_they_are_told_moves_a_request_up_and_what_the_house_does_does_not(
    app: Flask, olga: Character, ann: Character
) -> None:
    """Attack 41. A reply is heard of whether or not the file lets them see that the button was pressed."""
    one, two, three = write(olga, "One", "Two", "Three")
    ann.performs("note", one, text="Between us")
    ann.performs("aside", two)
    ann.performs("away", one)
    ann.performs("back", one)
    assert hers(app, olga) == ["Three", "Two", "One"]
    ann.performs("answer", one, text="Which floor?")
    assert hers(app, olga) == ["One", "Three", "Two"]
    later()
    ann.performs("told", two)
    assert hers(app, olga) == ["Two", "One", "Three"]
    later()
    olga.writes("Re: Three", "The fourth.", about=three)
    assert hers(app, olga) == ["Three", "Two", "One"]
    assert hers(app, olga, limit=1) == hers(app, olga, limit=2) == ["Three", "Two", "One"]


def test_a_mail_of_a_robot_under_their_name_is_their_own_word(app: Flask, olga: Character) -> None:
    """It is filed as a note; whoever sent it reads it in the cabinet, at its hour."""
    one, _two = write(olga, "One", "Two")
    olga.writes("Out of office", "Back on Monday.", about=one, automatic=True)
    assert hers(app, olga) == ["One", "Two"]


def test_a_new_file_hides_and_shows_at_once_and_no_hour_changes(app: Flask, olga: Character, ann: Character) -> None:
    one, _two, _three = write(olga, "One", "Two", "Three")
    ann.performs("answer", one, text="Which floor?")
    later()
    ann.performs("away", one)
    known = hours(app)
    assert hers(app, olga) == ["Three", "Two"]
    comes_into_force(app, SHOWN)
    assert hers(app, olga) == ["One", "Three", "Two"]
    comes_into_force(app, HIDDEN)
    assert hers(app, olga) == ["Three", "Two"]
    assert hours(app) == known


def test_a_request_goes_by_what_was_merged_into_it_until_that_is_taken_back(
    app: Flask, olga: Character, ann: Character
) -> None:
    one, two, _three = write(olga, "One", "Two", "Three")
    ann.performs("answer", two, text="Which floor?")
    later()
    ann.performs("merge", two, into_ticket=one.ref)
    assert hers(app, olga) == ["One", "Three"], "its page ends with the answer of then"
    assert hours(app)["One"] == clock.now() - timedelta(hours=1), "and nothing was told now"
    ann.performs("merge", two, undo_this="yes")
    assert hers(app, olga) == ["Two", "Three", "One"]


def test_a_desk_of_before_gets_the_hours_that_the_doors_would_have_written(
    app: Flask, settings: Settings, olga: Character, ann: Character, mallory: Character
) -> None:
    """Notes, replies, runs that are told, mails of robots, tickets that were put together or parted: the migration
    comes to the same.
    """
    one, two, three, four, five, six = write(olga, "One", "Two", "Three", "Four", "Five", "Six")
    write(mallory, "Hers")
    for action, case, said in (("answer", one, "A"), ("note", one, "N"), ("told", two, None), ("answer", four, "A")):
        ann.performs(action, case, text=said)
        later()
    olga.writes("Re: Three", "The fourth.", about=three)
    later()
    olga.writes("Out of office", "Back on Monday.", about=six, automatic=True)
    later()
    ann.performs("merge", four, into_ticket=five.ref)
    ann.performs("merge", six, into_ticket=two.ref)
    ann.performs("merge", six, undo_this="yes")
    ann.performs("away", one)
    known = hours(app)
    as_of_a_desk_before(app, settings, BEFORE)
    assert hours(app) == known
    assert len(set(known.values())) == 6, "each was heard of at another hour, but for what was merged"


@pytest.mark.parametrize("hidden", [False, True], ids=["all in sight", "all but the oldest in the vault"])
def test_a_page_of_somebody_with_thousands_goes_along_its_index(
    app: Flask, olga: Character, mallory: Character, hidden: bool
) -> None:
    """It is walked in its order from where it goes on, and what they may not see is passed over within the index."""
    mallory.writes("Hers")
    case = olga.writes("The first")
    copy_tickets(app, case, 2 * MANY)
    hers = Ticket.id > case.id + MANY
    with app.app_context(), writing() as here:
        here.execute(update(Ticket).where(hers).values(requester_id=mallory.id))
        if hidden:
            here.execute(update(Ticket).where(Ticket.id > case.id, ~hers).values(state="vault"))
    looked_at(app)
    cabinet, program = Visitor(app).is_let_in(olga.email, "cabinet"), Program(app, olga.email)
    ahead = f"{int((clock.now() + timedelta(days=1)).timestamp()) * 1_000_000}.1"
    pages = ("/my/requests", f"/my/requests?before={ahead}")
    with questions(app) as asked:
        found = [cabinet.opens(page).text for page in pages]
        program.gets("/tickets", limit=25)
        program.gets("/tickets", limit=25, state="new", before=ahead)
    assert all("The first" in each for each in found)
    walks = [each for each in asked if "ORDER BY tickets.heard_at" in each[0]]
    assert len(walks) == 4
    with app.app_context():
        for statement, values in walks:
            plan = "\n".join(plan_of(statement, values))
            only_index = "COVERING INDEX ix_tickets_heard" if is_sqlite() else "Index Only Scan Backward using"
            assert only_index in plan, plan
            assert "ix_tickets_heard" in plan, plan
            assert "Sort" not in plan, plan
            assert "TEMP B-TREE" not in plan, plan


def test_a_page_costs_no_more_of_three_thousand_requests_than_of_a_hundred(app: Flask, olga: Character) -> None:
    case = olga.writes("The first")
    copy_tickets(app, case, MANY)
    looked_at(app)
    of_many = work(app, olga)
    with app.app_context(), writing() as here:
        here.execute(delete(Ticket).where(Ticket.id > case.id + 100))
    looked_at(app)
    assert of_many <= work(app, olga) * 1.2


def work(app: Flask, olga: Character) -> int:
    """What the database does for one page of the list: rows on PostgreSQL, steps of its machine on SQLite."""
    cabinet = Visitor(app).is_let_in(olga.email, "cabinet")
    with questions(app) as asked:
        cabinet.opens("/my/requests")
    ((statement, values),) = [each for each in asked if "ORDER BY tickets.heard_at" in each[0]]
    with app.app_context():
        connection = session().connection()
        if not is_sqlite():
            explained = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
            return rows(explained[0]["Plan"])
        steps: list[int] = []
        raw: Any = connection.connection.dbapi_connection
        raw.set_progress_handler(lambda: steps.append(1), 1)
        try:
            assert len(connection.exec_driver_sql(statement, values).all()) == 26
        finally:
            raw.set_progress_handler(None, 0)
        return len(steps)


def rows(plan: dict[str, Any]) -> int:
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return int(own * plan["Actual Loops"]) + sum(rows(each) for each in plan.get("Plans", []))
