"""What SQLite plans by is kept fresh while the desk grows; PostgreSQL sees to that by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from helpdesk import clock, planner
from helpdesk.db import is_sqlite, session, writing
from tests.cast import Character


def counted(app: Flask) -> int:
    """How many rows the planner believes are in the table of tickets, as of the last look."""
    with app.app_context():
        if not session().execute(text("select 1 from sqlite_master where name = 'sqlite_stat1'")).first():
            return 0
        seen = session().scalar(text("select stat from sqlite_stat1 where tbl = 'tickets' limit 1"))
        return int(seen.split()[0]) if seen else 0


def looks(app: Flask) -> None:
    with app.app_context():
        planner.schedule()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_looks_once_a_day_at_what_stands_in_its_tables(app: Flask, olga: Character) -> None:
    with clock.frozen(datetime(2026, 1, 12, 8, tzinfo=UTC)):
        olga.writes("One")
        assert counted(app) == 0
        looks(app)
        assert counted(app) == 1
        olga.writes("Two")
        looks(app)
        assert counted(app) == 1, "it was looked at today"
    with clock.frozen(datetime(2026, 1, 13, 8, tzinfo=UTC)):
        looks(app)
        assert counted(app) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_is_left_to_itself(app: Flask) -> None:
    looks(app)
    with app.app_context(), writing():
        assert not is_sqlite()
        assert planner.LOOKED not in {row.name for row in session().execute(text("select name from settings"))}
