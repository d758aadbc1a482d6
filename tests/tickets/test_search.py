"""Finding tickets by words: whatever way the index is asked, the answer is the same, and a common word costs no more
than a rare one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from helpdesk.db import session, writing
from helpdesk.people.models import Person
from helpdesk.tickets import policy, search
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.search import postgresql
from helpdesk.tickets.search.rebuild import rebuild
from tests.cast import Character

WAYS = {
    "the newest are enough": {"NEAR": 1000},
    "further back": {"NEAR": 6, "FAR": 1000},
    "what the index has": {"NEAR": 1, "FAR": 2, "FEW": 0},
    "ticket by ticket": {"NEAR": 1, "FAR": 2, "FEW": 1000},
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_finds_the_same_newest_mention_first(
    app: Flask, olga: Character, ann: Character, kadri: Character, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Attack 44 with it: Kadri sees what awaits payment and nothing else, however she is answered."""
    for name, value in WAYS[way].items():
        monkeypatch.setattr(postgresql, name, value)
    _many(app, olga, ann)
    for who in (ann, kadri):
        for words in ("printer", "attic", "printer attic", "unheard"):
            assert _pages(app, who, words, limit=3) == _expected(app, who, words), (who.email, words)
    assert len(_expected(app, ann, "printer")) > 3
    assert _expected(app, kadri, "printer")


def test_the_next_page_begins_where_this_one_ended(app: Flask, olga: Character, ann: Character) -> None:
    """A ticket that was spoken of long ago and again today does not take those in between with it."""
    old = olga.writes("Printer", "printer")
    between = [olga.writes(f"Printer {number}", "printer") for number in range(3)]
    olga.writes("Printer", "printer again", about=old)
    with app.app_context():
        person = session().get_one(Person, ann.id)
        first, older = search.find(person, "printer", limit=2)
        assert [ticket.id for ticket in first] == [old.id, between[2].id]
        second, _ = search.find(person, "printer", limit=2, before=older)
        assert [ticket.id for ticket in second] == [between[1].id, between[0].id]


def test_people_can_work_while_the_index_is_made_anew(app: Flask, olga: Character, ann: Character) -> None:
    """What is written meanwhile is in the index before its turn comes."""
    before, meanwhile = olga.writes("Printer", "printer"), []

    def work_goes_on(batches: Iterable[Any], label: str, length: int) -> Iterable[Any]:
        meanwhile.append(olga.writes("Another", "printer"))
        return batches

    with app.app_context():
        rebuild(track=work_goes_on)
        found, _ = search.find(session().get_one(Person, ann.id), "printer")
    assert [ticket.id for ticket in found] == [meanwhile[0].id, before.id]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_word_that_is_everywhere_is_answered_from_the_newest_messages(
    app: Flask, olga: Character, ann: Character
) -> None:
    """On PostgreSQL, whose index gives all or nothing; SQLite's stops by itself."""
    one, other = (olga.writes("Printer").id for _ in range(2))
    with app.app_context():
        with writing() as here:
            here.execute(text(EVERYWHERE), {"one": one, "other": other})
            here.execute(text("ANALYZE message_search"))
        found, _ = search.find(session().get_one(Person, ann.id), "printer", limit=1)
        assert [ticket.id for ticket in found] == [one]
        assert 0 < (session().scalar(text(LOOKED_AT)) or 0) <= postgresql.NEAR


EVERYWHERE = """
    INSERT INTO message_search (message_id, ticket_id, tokens)
    SELECT 1000 + n, CASE n % 2 WHEN 0 THEN :one ELSE :other END, to_tsvector('simple', 'printer ' || n)
    FROM generate_series(1, 30000) AS n
"""
LOOKED_AT = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'message_search'"


def _many(app: Flask, olga: Character, ann: Character) -> None:
    cases = [olga.writes(f"Case {number}", "printer in the attic" if number % 3 else "printer") for number in range(12)]
    for case in cases[::4]:
        olga.writes("Re", "the attic, once more", about=case)
    with app.app_context(), writing() as here:
        hidden = [case.id for case in cases[1::3]]
        here.execute(update(Ticket).where(Ticket.id.in_(hidden)).values(state="awaiting_payment"))


def _pages(app: Flask, who: Character, words: str, *, limit: int) -> list[int]:
    """Every ticket in the order of the pages, each where it stands first."""
    seen: list[int] = []
    with app.app_context():
        person, before = session().get_one(Person, who.id), None
        while True:
            found, older = search.find(person, words, limit=limit, before=before)
            seen += [ticket.id for ticket in found if ticket.id not in seen]
            assert len(found) <= limit
            if older is None:
                return seen
            assert before is None or older < before
            before = older


def _expected(app: Flask, who: Character, words: str) -> list[int]:
    """The same by reading all messages."""
    with app.app_context():
        visible = policy.visible_states(session().get_one(Person, who.id))
        rows = session().execute(
            select(Message.id, Message.ticket_id, Message.text, Ticket.workflow, Ticket.state)
            .join(Ticket, Ticket.id == Message.ticket_id)
            .order_by(Message.id.desc())
        )
        said = [row.ticket_id for row in rows if (row.workflow, row.state) in visible and _has(row.text, words)]
        return list(dict.fromkeys(said))


def _has(said: str, words: str) -> bool:
    return all(word in said for word in words.split())
