"""Bringing the database to this version's tables, and telling how far it is. The steps are in `migrations/`."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from config import shipped
from helpdesk.db import as_writer


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run the migrations up to `to`. All of them or none on PostgreSQL and SQLite alike; harmless when there is nothing
    to do.
    """
    with as_writer(), engine.connect() as connection:
        command.upgrade(_config(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Run them backwards, down to `to` (`base` = no tables at all)."""
    with as_writer(), engine.connect() as connection:
        command.downgrade(_config(connection), to)


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision this version of the program needs."""
    return ScriptDirectory.from_config(_config(None)).get_current_head() or ""


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.attributes["connection"] = connection
    return config
