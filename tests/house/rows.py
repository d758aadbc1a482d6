"""Every row of the database, to be compared with what is there later."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from helpdesk.db import Base, session

Rows = dict[str, list[tuple[Any, ...]]]


def everything(app: Flask) -> Rows:
    """All tables of the models, each sorted by its key."""
    with app.app_context():
        return {
            table.name: [tuple(row) for row in session().execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def changes(before: Rows, after: Rows) -> list[str]:
    """The tables that differ, with the rows that do."""
    found = []
    for table, rows in after.items():
        if rows != before[table]:
            old, new = (
                [row for row in one if row not in other]
                for one, other in ((before[table], rows), (rows, before[table]))
            )
            found.append(f"{table}: {old} -> {new}")
    return found
