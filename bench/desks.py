"""Desks to measure: a database of either kind in a temporary folder, filled by the generator, kept between runs if
asked.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import delete

from config import Settings
from helpdesk import create_app, migrating
from helpdesk.db import db, writing
from helpdesk.jobs import Job
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
        migrating.upgrade(db.engine)
        adopted = revisions.adopt_file(settings.workflow_path)
        if adopted.revision is None:
            raise RuntimeError("\n".join(str(finding) for finding in adopted.findings))
    return app


def rest(app: Flask) -> None:
    """What an earlier run left to be sent is left out: a desk that works meanwhile is not measured."""
    with app.app_context(), writing() as here:
        here.execute(delete(Job))


def settings(folder: Path, *, database_url: str = "") -> Settings:
    """The settings a desk ships with, but for where it lives and that its mail is caught."""
    return Settings(env="production", var=str(folder), database_url=database_url, secret_key=KEY, demo=True)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
