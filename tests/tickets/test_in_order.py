"""Lists of one ticket's rows, or one person's, are read among their own: never among everybody's, however large a part
of all rows is theirs, and however old.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.actions import approvers
from helpdesk.db import session, writing
from helpdesk.desk import beyond
from helpdesk.people.models import Person
from helpdesk.routing import preferring
from helpdesk.tickets import events, in_order, names
from helpdesk.tickets.models import Event, Ticket
from tests import side_desk
from tests.cast import Case, Character
from tests.tables import looked_at
from tests.tickets.test_long_tickets import again
from tests.tickets.test_queue import plan_of, questions
from tests.visitor import Visitor

FAR = 2**30  # an event later than all
# A table of which rows are told, walked along its own key, or read whole.
_AMONG_ALL = re.compile(
    r"Scan (Backward )?using pk_(events|messages|deliveries) on (?!.*\n\s*Index Cond: \(id = )"
    r"|SCAN (events|messages|deliveries)|PRIMARY KEY \(rowid[<>]\?\)"
)


@pytest.fixture
def others(app: Flask, olga: Character) -> list[Case]:
    side_desk.adopt(app)
    return [Character(app, f"customer{n}@example.org").writes(f"Another {n}") for n in range(20)]


@pytest.fixture
def case(app: Flask, others: list[Case], olga: Character, ann: Character) -> Case:
    """One of many tickets on which happened as much as on another, some thousand things on each."""
    case = olga.writes("Printer on fire", "It burns.")
    ann.performs("comment", case, text="Do not tell her.")
    ann.performs("ask_outside", case, text="How much?", recipients="vera@parts.example")
    ann.performs("reply", case, text="Which floor?")
    again(app, [case, *others], 400)
    looked_at(app)
    return case


def among_all(app: Flask, look: Callable[[], Any]) -> list[str]:
    """The questions of this look that are answered from among everybody's rows, with how."""
    with questions(app) as asked:
        look()
    with app.app_context():
        plans = [(statement, "\n".join(plan_of(statement, values))) for statement, values in asked]
    return [f"{statement}\n{plan}" for statement, plan in plans if "LIMIT" in statement and _AMONG_ALL.search(plan)]


def looks(app: Flask, who: Character, paths: Sequence[str], *, cabinet: bool = False) -> list[str]:
    browser = Visitor(app).is_let_in(who.email, "cabinet" if cabinet else "desk")

    def look() -> None:
        for path in paths:
            assert browser.opens(path).status_code == 200, path

    return among_all(app, look)


def of_staff(case: Case) -> list[str]:
    page = f"/desk/tickets/{case.ref}"
    parts = ["", f"?before={FAR}", "/timeline?after=0", f"/timeline?after={FAR}", "/print", "/why"]
    return [page + each for each in (*parts, "/do/ask_outside", "/do/publish")]


def test_the_desk_reads_a_ticket_among_its_own_rows(app: Flask, case: Case, ann: Character) -> None:
    assert looks(app, ann, of_staff(case)) == []


def test_so_does_its_customer(app: Flask, case: Case, olga: Character) -> None:
    assert looks(app, olga, [f"/my/requests/{case.ref}", f"/my/requests/{case.ref}?before={FAR}"], cabinet=True) == []


def test_with_others_merged_into_it_the_rows_are_those_of_all_of_them_and_no_more(
    app: Flask, case: Case, others: list[Case], ann: Character
) -> None:
    with app.app_context(), writing() as here:
        joined = [each.id for each in others[:2]]
        here.execute(update(Ticket).where(Ticket.id.in_(joined)).values(merged_into_id=case.id))
    page = f"/desk/tickets/{case.ref}"
    assert looks(app, ann, [page, f"{page}?before={FAR}", f"{page}/do/ask_outside", f"{page}/do/publish"]) == []


def test_what_the_desk_looks_up_by_itself_is_looked_for_there(app: Flask, case: Case) -> None:
    def look(ask: Callable[[Ticket], Any]) -> Callable[[], None]:
        def looked() -> None:
            with app.app_context():
                ask(session().get_one(Ticket, case.id))

        return looked

    for ask in (
        lambda ticket: names.history(ticket, mentioned_in="history"),
        names.first_text,
        lambda ticket: events.since(ticket, 0),
        approvers.brought_here_by,
        beyond.messages_of,
        preferring.WORDS["last_agent"],
    ):
        assert among_all(app, look(ask)) == []


def test_mail_to_one_person_is_looked_for_among_theirs(app: Flask, case: Case, boris: Character) -> None:
    with app.app_context(), writing() as here:
        here.get_one(Person, boris.id).is_admin = True
    page = "/admin/outbox?recipient=olga@example.org"
    assert looks(app, boris, [page, f"{page}&before={FAR}", f"{page}&after=1"]) == []


def test_they_stand_in_order_from_a_place_on(app: Flask, others: list[Case], olga: Character) -> None:
    case = olga.writes("Printer on fire")
    again(app, [case, *others], 5)
    with app.app_context():
        ids = [each.id for each in case.events]
        every = select(Event.id)
        for asked, there in (
            (in_order.newest(every, Event, of=case.id), ids[::-1]),
            (in_order.newest(every, Event, of=case.id, before=ids[-1]).limit(2), [ids[-2], ids[-3]]),
            (in_order.oldest(every, Event, of=case.id), ids),
            (in_order.oldest(every, Event, of=case.id, after=ids[0]).limit(2), ids[1:3]),
        ):
            assert list(session().scalars(asked)) == there
