"""Rows of the bench's generator against rows of the doors: the generator may write tickets only because of this."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, func, select, text

from bench import desks, generate, people, specimen
from bench.lives import CLOSED, OPEN, Life
from bench.specimen import EMAIL, NAME, NUMBER, PERSON, SUBJECT, Specimen, moment_of, words_of
from bench.stamping import Other, Stamp, copy_as
from bench.words import Sentence
from config import Settings
from helpdesk.actions import perform
from helpdesk.db import Base, db, is_sqlite, session, writing
from helpdesk.people.models import Person
from helpdesk.tickets import filters, queue
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Event, Message, Ticket, Timer
from helpdesk.tickets.rich import Rich

TICKETS = 300


@pytest.fixture
def desk(settings: Settings) -> Iterator[Flask]:
    """An empty desk with the shipped workflows."""
    app = desks.prepared(replace(settings, demo=True, workflows=""))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_copy_of_a_door_made_ticket_under_its_own_name_is_that_ticket(desk: Flask) -> None:
    """Every cell of every row, for every life: only what is meant to differ between two tickets can differ."""
    with desk.app_context():
        with writing():
            people.hire()
        for life in (*OPEN, *CLOSED):
            lived = specimen.live(life)
            assert stamped(lived) == door_made(lived), life.name


def test_generated_tickets_are_whole_and_the_desk_works_on_with_them(desk: Flask, settings: Settings) -> None:
    made = generate.fill(desk, tickets=TICKETS, url=settings.database, seed=5)
    assert made["tickets"] == TICKETS
    with desk.app_context():
        assert broken_links() == []
        assert marks_left() == []
        here = session()
        behind = (
            select(func.count())
            .select_from(Ticket)
            .where(
                Ticket.version != select(func.max(Event.version)).where(Event.ticket_id == Ticket.id).scalar_subquery()
            )
        )
        assert here.scalar(behind) == 0, "a ticket's version is that of its last event"
        ids = list(here.scalars(select(Message.id).order_by(Message.created_at, Message.id)))
        assert ids == sorted(ids), "numbers grow with time"
        assert here.scalar(select(func.count()).select_from(Message)) == here.scalar(
            text("SELECT count(*) FROM message_search")
        )
        assert here.scalar(select(func.min(Timer.due_at))) is not None
        reader = here.get_one(Person, 1)
        assert queue.page(reader, filters.find(reader, filters.OPEN)).rows
        ticket = here.scalars(select(Ticket).where(Ticket.workflow == "support", Ticket.state == "new").limit(1)).one()
        assert perform(ticket.id, "reply", staff(reader), {"message": Rich.plain("Here it is.")}).state == "waiting"
        opened = perform_opening()
        assert opened == generate.FIRST + TICKETS


def stamped(lived: Specimen) -> dict[str, list[Any]]:
    """The rows of a copy that is given the specimen's own words, people and moments."""
    stamp = Stamp(lived, lambda moment: moment)
    steps = range(stamp.steps)
    itself = Other(
        number=NUMBER,
        customer=people.Customer(PERSON, NAME, EMAIL),
        subject=Sentence(SUBJECT, SUBJECT.casefold()),
        said=[Sentence(words_of(step), words_of(step).casefold()) for step in steps],
        moments=[moment_of(step) for step in steps],
        now=lived.rows["tickets"][0]["entered_at"],
        zone=lived.zone,
    )
    copy = copy_as(itself, lambda moment: moment)
    for step in steps:
        copy.slots["mail", step] = specimen.mail_of(step)[1:-1]
    ids = {table: iter([row["id"] for row in rows]) for table, rows in lived.rows.items() if rows and "id" in rows[0]}
    found: dict[str, list[Any]] = {}
    for step in steps:
        for table, row in stamp.rows(copy, step, lambda table: next(ids[table])):
            found.setdefault(table, []).append(comparable(table, dict(zip(lived.rows[table][0], row, strict=True))))
    for table, row in stamp.customer(lived, copy, lambda table: next(ids[table])):
        found.setdefault(table, []).append(comparable(table, dict(zip(lived.rows[table][0], row, strict=True))))
    return found


def door_made(lived: Specimen) -> dict[str, list[Any]]:
    return {table: [comparable(table, row) for row in rows] for table, rows in lived.rows.items() if rows}


def comparable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """JSON as data, decimals as text; of a mail's bytes only that they have a name."""
    kept = Base.metadata.tables[table].c if table in Base.metadata.tables else {}
    seen = {
        name: json.loads(value) if isinstance(value, str) and is_json(kept, name) else value
        for name, value in row.items()
    }
    seen = {name: format(value, "f") if isinstance(value, Decimal) else value for name, value in seen.items()}
    return seen | {"sha256": len(seen["sha256"])} if table == "inbound_mail" else seen


def is_json(columns: Any, name: str) -> bool:
    return name in columns and isinstance(columns[name].type, JSON)


def broken_links() -> list[Any]:
    """Rows that name a row which is not there."""
    if is_sqlite():
        return list(session().execute(text("PRAGMA foreign_key_check")))
    found = []
    for table in Base.metadata.tables.values():
        for link in table.foreign_keys:
            there = f"SELECT {link.column.name} FROM {link.column.table.name}"
            lost = f"{link.parent.name} IS NOT NULL AND {link.parent.name} NOT IN ({there})"
            found += list(session().execute(text(f"SELECT 1 FROM {table.name} WHERE {lost} LIMIT 1")))
    return found


def marks_left() -> list[str]:
    """Cells that still speak of a specimen."""
    words = (str(NUMBER), str(PERSON), "marker", "2001-01-01")
    found = []
    for table in specimen.TABLES:
        for row in session().execute(text(f"SELECT * FROM {table}")):
            said = " ".join(str(cell) for cell in row).casefold()
            found += [f"{table}: {word} in {said[:200]}" for word in words if word in said]
    return found


def perform_opening() -> int:
    from helpdesk import intake

    mail = intake.Inbound(
        source="support_mail", channel="email", address="new@mail.example", subject="New", message=Rich.plain("New.")
    )
    return intake.receive(mail).ticket_id


def test_each_life_is_told_with_actions_the_shipped_desk_has() -> None:
    lives: list[Life] = [*OPEN, *CLOSED]
    assert len({life.name for life in lives}) == len(lives)
    assert sum(life.share for life in OPEN) == sum(life.share for life in CLOSED) == 1000
