"""Listening to what the database is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from helpdesk.db import db

OF_THE_CLOCK = "FROM revisions"  # asked once a second, whatever is looked at: no part of what a page asks


@contextmanager
def listening(app: Flask, note: Callable[[str, Any, Any], None]) -> Iterator[None]:
    """`note` is called with each statement, its values and SQLAlchemy's context, before the database hears it."""

    def told(_connection: Any, _cursor: Any, statement: str, values: Any, context: Any, _many: bool) -> None:
        note(statement, values, context)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", told)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", told)
