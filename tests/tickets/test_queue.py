"""The list of tickets: what stands in each filter, page by page, and that it never reads more than it shows (issue 2, item 9)."""

from __future__ import annotations

from flask import Flask

from helpdesk.db import session
from helpdesk.people import find
from helpdesk.tickets import filters, queue
from tests.cast import Character


def refs(app: Flask, who: Character, key: str, **place: object) -> list[str]:
    with app.app_context():
        person = find.by_email(who.email)
        return [row.ref for row in queue.page(person, filters.find(person, key), **place).rows]


def test_a_new_ticket_stands_in_the_open_list(app: Flask, ann: Character, olga: Character) -> None:
    case = olga.writes("Printer on fire")
    assert refs(app, ann, "open") == [case.ref]
