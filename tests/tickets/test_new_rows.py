"""Rows that are written past the unit of work are in the session as if they had been read, and gone when taken back."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import inspect, select

from helpdesk.db import change, insert_new, session, writing
from helpdesk.people import find
from helpdesk.people.models import Company, Person
from tests.cast import Character
from tests.statements import listening


def test_a_newcomer_is_known_whole_without_a_question(app: Flask) -> None:
    with app.app_context(), writing():
        newcomer = find.or_create("new@example.org", name="New")
        asked: list[str] = []
        with listening(app, lambda statement, _values, _context: asked.append(statement)):
            assert (newcomer.email, newcomer.is_staff, newcomer.company) == ("new@example.org", False, None)
            assert newcomer.created_at.tzinfo is not None
        assert asked == []
        session().expire(newcomer)
        assert (newcomer.email, newcomer.tier, newcomer.totp_step) == ("new@example.org", "", 0)


def test_what_a_part_made_goes_with_that_part(app: Flask, olga: Character) -> None:
    """And the next row may have its number, as SQLite gives it again."""
    with app.app_context(), writing() as here:
        stays = Company(name="Stays")
        insert_new(stays)
        part = here.begin_nested()
        goes = Company(name="Goes")
        insert_new(goes)
        inner = here.begin_nested()
        deeper = Company(name="Deeper")
        insert_new(deeper)
        inner.commit()
        part.rollback()
        assert stays in here
        assert goes not in here
        assert deeper not in here
        insert_new(next_one := Company(name="Next", id=goes.id))
        assert here.get(Company, goes.id) is next_one


def test_what_a_transaction_made_goes_with_it(app: Flask) -> None:
    with app.app_context():
        made = []
        try:
            with writing():
                made.append(find.or_create("new@example.org"))
                raise RuntimeError("Something else went wrong.")
        except RuntimeError:
            assert made[0] not in session()
        with writing():
            again = find.or_create("new@example.org")
            assert inspect(again).persistent
            assert again is not made[0]
        assert find.by_email("new@example.org") == again
        assert isinstance(again, Person)


def test_what_is_changed_at_once_is_one_statement_and_known(app: Flask) -> None:
    with app.app_context(), writing() as here:
        newcomer = find.or_create("new@example.org", name="New")
        asked: list[str] = []
        with listening(app, lambda statement, _values, _context: asked.append(statement)):
            change(newcomer, name="Newer", city="Oslo")
            assert (newcomer.name, newcomer.city) == ("Newer", "Oslo")
            here.flush()
        assert len(asked) == 1
        assert here.scalars(select(Person.name).where(Person.id == newcomer.id)).one() == "Newer"


def test_what_is_changed_goes_with_what_waits_to_be_written(app: Flask) -> None:
    with app.app_context(), writing() as here:
        newcomer = find.or_create("new@example.org", name="New")
        newcomer.city = "Bergen"
        asked: list[str] = []
        with listening(app, lambda statement, _values, _context: asked.append(statement)):
            change(newcomer, name="Newer")
            assert asked == []
            here.flush()
        assert len(asked) == 1
        here.expire(newcomer)
        assert (newcomer.name, newcomer.city) == ("Newer", "Bergen")


def test_what_a_part_changed_is_as_before_when_it_is_taken_back(app: Flask) -> None:
    with app.app_context():
        with writing():
            newcomer = find.or_create("new@example.org", name="New")
        with writing() as here:
            assert newcomer.name == "New"
            part = here.begin_nested()
            inner = here.begin_nested()
            change(newcomer, name="Deeper")
            inner.commit()
            part.rollback()
            assert newcomer.name == "New"
            change(newcomer, city="Oslo")
        assert (newcomer.name, newcomer.city) == ("New", "Oslo")
