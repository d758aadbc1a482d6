"""Desks to measure: a database of either kind in a temporary folder, filled by the generator, kept between runs if
asked.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import delete, update
from sqlalchemy.engine import URL, make_url

from bench import driver
from config import Settings
from helpdesk import clock, create_app, migrating
from helpdesk.db import db, session, writing
from helpdesk.jobs import Job
from helpdesk.tickets.models import Delivery
from helpdesk.workflows import revisions

KEY = "the bench's own key, long enough to sign with"


@dataclass(frozen=True)
class Desk:
    """A desk's settings, and how many tickets are in it."""

    settings: Settings
    tickets: int

    @property
    def kind(self) -> str:
        return "SQLite" if self.settings.database.startswith("sqlite") else "PostgreSQL"

    def app(self) -> Flask:
        return create_app(self.settings)


def prepared(settings: Settings) -> Flask:
    """A desk with its tables and the shipped workflows: nobody is in a new one, a kept one is brought up to date."""
    app = create_app(settings)
    with app.app_context():
        if migrating.current(db.engine) != migrating.head():
            migrating.upgrade(db.engine)
        adopted = revisions.adopt_file(settings.workflow_path)
        if adopted.revision is None:
            raise RuntimeError("\n".join(str(finding) for finding in adopted.findings))
    return app


def rest(app: Flask) -> None:
    """What an earlier run left to be sent is left out: a desk that works meanwhile is not measured. SQLite has looked
    at its tables, as it does each day, and PostgreSQL has cleaned up, as it does every minute.
    """
    from tests.tables import looked_at

    with app.app_context(), writing() as here:
        here.execute(delete(Job))
        as_if_sent_yesterday()
    looked_at(app)


def as_if_sent_yesterday() -> None:
    """What left lately does not count: only so many automatic mails may leave in an hour. Part of the transaction at
    hand.
    """
    lately = Delivery.created_at > clock.now() - timedelta(hours=2)
    session().execute(update(Delivery).where(lately).values(created_at=clock.now() - timedelta(days=2)))


def settings(folder: Path, *, database_url: str = "") -> Settings:
    """The settings a desk ships with, but for where it lives and that its mail is caught."""
    return Settings(env="production", var=str(folder), database_url=database_url, secret_key=KEY, demo=True)


@contextmanager
def copied(desk: Desk, folder: Path) -> Iterator[Desk]:
    """A copy of the desk's database, gone afterwards: for what would leave a kept desk another one."""
    with scratch(folder):
        address = make_url(desk.settings.database)
        if address.get_backend_name() == "sqlite":
            with sqlite3.connect(str(address.database)) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")
            connection.close()
            beside = replace(desk.settings, var=str(folder), database_url="")
            shutil.copyfile(str(address.database), str(make_url(beside.database).database))
            yield replace(desk, settings=beside)
            return
        other = address.set(database=f"{address.database}_copy")
        _on_server(address, "DROP DATABASE IF EXISTS {} WITH (FORCE)", other.database)
        try:
            _on_server(address, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", other.database, address.database)
            shown = other.render_as_string(hide_password=False)
            yield replace(desk, settings=replace(desk.settings, var=str(folder), database_url=shown))
        finally:
            _on_server(address, "DROP DATABASE IF EXISTS {} WITH (FORCE)", other.database)


def _on_server(address: URL, command: str, *names: str | None) -> None:
    """Tell the server at this address something about whole databases, of which nobody uses the desk's meanwhile."""
    with psycopg.connect(driver.address(address.set(database="postgres")), autocommit=True) as connection:
        leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(leave, (address.database,))
        connection.execute(sql.SQL(command).format(*map(sql.Identifier, map(str, names))))


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
