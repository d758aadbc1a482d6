"""Fault 25, the part of the pool: a connection that the server closed while it rested is replaced unseen, and one that
still lives is as good as new.
"""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, select, text

from helpdesk import connections, db
from helpdesk.people.models import Person
from tests.cast import Character


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_rested_connection_that_the_server_closed_is_replaced(
    app: Flask, olga: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga.writes("Broken screen")
    with app.app_context():
        theirs = db.session().scalar(text("select pg_backend_pid()"))
    with app.app_context():
        address = db.db.engine.url
    with create_engine(address, poolclass=NullPool).connect() as operator:
        operator.execute(text("select pg_terminate_backend(:pid)"), {"pid": theirs})
    monkeypatch.setattr(connections, "RESTED", 0.0)
    for _ in range(3):
        with app.app_context():
            assert db.session().scalar(select(Person.id).limit(1))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_was_written_through_and_rested_is_read_through(
    app: Flask, olga: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked whether it still lives, it begins no transaction that the one who only reads could not leave."""
    monkeypatch.setattr(connections, "RESTED", 0.0)
    for subject in ("Broken screen", "Broken hinge"):
        olga.writes(subject)
        with app.app_context():
            assert db.session().scalar(select(Person.id).limit(1))
