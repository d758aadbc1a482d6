"""What a test does to the whole database of a desk."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import NullPool, create_engine, text

from config import Settings
from helpdesk import migrating, planner
from helpdesk.db import db, is_sqlite, session


def looked_at(app: Flask) -> None:
    """The planner knows the tables."""
    with app.app_context():
        if is_sqlite():
            planner.look()
            db.engine.dispose()
        else:
            session().rollback()
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as bare:
                bare.execute(text("vacuum analyze"))


def as_of_a_desk_before(app: Flask, settings: Settings, revision: str) -> None:
    """Its tables were those of this revision, and a migration brought them here."""
    with app.app_context():
        session().rollback()
        db.engine.dispose()
    engine = create_engine(settings.database, poolclass=NullPool)
    migrating.downgrade(engine, revision)
    migrating.upgrade(engine)
