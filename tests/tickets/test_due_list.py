"""The list of what is due: by what customers were promised, the soonest first, for desks that promise something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from helpdesk import clock
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.people import find
from helpdesk.tickets import counts, filters, queue
from tests.actions.desks import OPEN, in_force
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.tickets.test_queue import copy_tickets, counted, plan_of, questions, stand_in


@pytest.fixture
def promising(app: Flask) -> Iterator[None]:
    """A desk that promises a resolution, with a clock that stands."""
    in_force(
        app,
        workflow="sla: [{when: \"ticket.subject == 'Urgent'\", resolution: 1h}, {resolution: 2d}]",
        states=f"""
            new: {{{OPEN}, actions: [hold, close]}}
            held: {{{OPEN}, pauses_sla: true, actions: [resume]}}
            done: {{{OPEN}, final: true, actions: [again]}}
        """,
        actions="""
            hold: {type: set_fields, label: Hold, allow: [agent], to: held}
            resume: {type: set_fields, label: Resume, allow: [agent], to: new}
            close: {type: close, label: Close, allow: [agent], to: done}
            again: {type: reopen, label: Again, allow: [agent], to: new}
        """,
    )
    with clock.frozen(clock.now()):
        yield


def write_some(olga: Character) -> list[Case]:
    """Four, an hour apart; the third is urgent."""
    cases = []
    for subject in ("First", "Second", "Urgent", "Fourth"):
        cases.append(olga.writes(subject))
        clock.travel(timedelta(hours=1))
    return cases


@pytest.mark.usefixtures("promising")
def test_the_soonest_stands_first_and_what_waits_or_is_done_does_not_stand_there(
    app: Flask, ann: Character, olga: Character
) -> None:
    first, second, urgent, fourth = write_some(olga)
    assert stand_in(app, ann, "due") == [urgent.ref, first.ref, second.ref, fourth.ref]
    ann.performs("hold", first)
    ann.performs("close", urgent)
    assert stand_in(app, ann, "due") == [second.ref, fourth.ref]
    assert counted(app, ann)["due"] == 2
    ann.performs("resume", first)
    assert first.ref in stand_in(app, ann, "due")


@pytest.mark.usefixtures("promising")
def test_its_pages_go_on_from_the_last_row_and_back(app: Flask, ann: Character, olga: Character) -> None:
    first, second, urgent, fourth = write_some(olga)
    with app.app_context():
        person = find.by_email(ann.email)
        due = filters.find(person, "due")
        top = queue.page(person, due, size=2)
        rest = queue.page(person, due, before=top.older, size=2)
        back = queue.page(person, due, after=rest.newer, size=2)
    assert [row.ref for row in top.rows] == [urgent.ref, first.ref]
    assert [row.ref for row in rest.rows] == [second.ref, fourth.ref]
    assert [row.ref for row in back.rows] == [urgent.ref, first.ref]
    assert (top.newer, rest.older, back.newer) == (None, None, None)


def test_a_desk_that_promises_nothing_has_no_such_list(app: Flask, kadri: Character) -> None:
    in_force(
        app,
        states=f"""
            new: {{{OPEN}, actions: [close]}}
            done: {{{OPEN}, final: true}}
        """,
        actions="close: {type: close, label: Close, allow: [agent], to: done}",
    )
    with app.app_context(), pytest.raises(NotFound):
        filters.find(find.by_email(kadri.email), "due")
    assert "due" not in counted(app, kadri)


@pytest.mark.usefixtures("promising")
def test_the_page_says_when_each_is_due_and_costs_what_every_list_costs(
    app: Flask, ann: Character, olga: Character
) -> None:
    write_some(olga)
    browser = AtTheDesk(app, ann)
    with questions(app) as asked:
        plain = browser.opens("/desk/")
    others = len(asked)
    with questions(app) as asked:
        page = browser.opens("/desk/filters/due")
    assert len(asked) == others
    assert "Due first" in plain.text
    assert page.text.count('class="due"') == 4
    assert 'data-is="late"' in page.text
    assert 'data-is="runs"' in page.text


@pytest.mark.usefixtures("promising")
def test_it_is_walked_along_the_index_of_promises(app: Flask, ann: Character, olga: Character) -> None:
    copy_tickets(app, olga.writes("The first"), 20_000)
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as bare:
                bare.execute(text("vacuum analyze tickets"))
        person = find.by_email(ann.email)
        lists = filters.for_person(person)
        with questions(app) as asked:
            place = queue.Place(clock.now() + timedelta(days=1), 10_000)
            queue.page(person, filters.find(person, "due"), before=place)
            assert counts.of(person, lists)["due"] == counts.MOST
        for statement, values in (asked[0], asked[-1]):
            plan = "\n".join(plan_of(statement, values))
            assert "ix_tickets_due" in plan
            assert "Seq Scan on tickets" not in plan
            assert "SCAN tickets" not in plan.replace("SCAN tickets USING INDEX ix_tickets_due", "")
