"""The migrations make exactly the tables that the models declare, and can be undone, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, NullPool, create_engine, inspect, make_url

from config import Settings
from helpdesk import migrating, models
from helpdesk.db import Base

SEARCH = "message_search"  # made by hand: each engine has its own kind of index


@pytest.fixture
def engine(database_url: str) -> Engine:
    models.load_all()
    return create_engine(make_url(Settings(database_url=database_url).database), poolclass=NullPool)


def test_the_tables_are_those_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [one for one in compare_metadata(context, Base.metadata) if SEARCH not in str(one)]
    assert not differences


def test_every_migration_can_be_undone_and_done_again(engine: Engine) -> None:
    migrating.downgrade(engine, "base")
    left = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    assert left == []
    migrating.upgrade(engine)
    assert migrating.current(engine) == migrating.head()
    migrating.upgrade(engine)  # a second time there is nothing to do


def test_migrations_are_named_in_words() -> None:
    for path in (Path(__file__).parents[2] / "migrations" / "versions").glob("*.py"):
        number, _, words = path.stem.partition("_")
        assert number.isdigit()
        assert words.replace("_", "").isalpha()
        assert path.read_text().startswith('"""')
