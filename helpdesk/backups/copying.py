"""Rows from one database to the other, whichever kind each is. Both must have exactly the tables of this version.

What is no row of a model is made anew: the number sequence here, the search index by `tickets.search.rebuild`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    NullPool,
    Table,
    bindparam,
    create_engine,
    func,
    insert,
    select,
    text,
    update,
)

from config import Settings
from helpdesk import migrating
from helpdesk.backups import Track, unwatched
from helpdesk.db import Base

BATCH = 1000  # rows a statement
COUNTERS = "counters"  # SQLite's ticket numbers; PostgreSQL has a sequence for them


def to_new_sqlite(settings: Settings, path: Path) -> None:
    """The PostgreSQL of the settings as a new SQLite file, all as of one moment."""
    source = create_engine(settings.database, poolclass=NullPool, isolation_level="REPEATABLE READ")
    target = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    migrating.upgrade(target)
    with source.connect() as one, target.begin() as other:
        rows(one, other)
        last = "select case when is_called then last_value else last_value - 1 end from ticket_numbers"
        counted = text("update counters set value = :last where name = 'tickets'")
        other.execute(counted, {"last": one.execute(text(last)).scalar_one()})


def to_empty_postgresql(path: Path, target: Engine, *, track: Track[Any] = unwatched) -> None:
    """The SQLite file into a PostgreSQL that has been migrated and holds no row, in one transaction."""
    source = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with source.connect() as one, target.begin() as other:
        rows(one, other, track=track)
        _go_on_counting(other)
        last = one.execute(text("select value from counters where name = 'tickets'")).scalar_one()
        other.execute(text("select setval('ticket_numbers', :last)"), {"last": last})


def rows(source: Connection, target: Connection, *, track: Track[Any] = unwatched) -> None:
    """Every row of every table, parents before children."""
    for table in Base.metadata.sorted_tables:
        if table.name == COUNTERS:
            continue
        count = source.scalar(select(func.count()).select_from(table)) or 0
        ordered = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH)
        batches = source.execute(ordered).mappings().partitions(BATCH)
        within = [column.name for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
        for batch in track(batches, table.name, -(-count // BATCH)):
            target.execute(insert(table), [dict(row) | dict.fromkeys(within) for row in batch])
        for name in within:
            _point(table, name, source, target)


def _point(table: Table, name: str, source: Connection, target: Connection) -> None:
    """Rows that name another row of their own table, such as merged tickets: it may come after them, so that is said
    once all are there.
    """
    (key,) = table.primary_key.columns
    pointing = select(key.label("row_id"), table.c[name].label("other")).where(table.c[name].is_not(None))
    said = update(table).where(key == bindparam("row_id")).values({name: bindparam("other")})
    for batch in source.execute(pointing.execution_options(yield_per=BATCH)).mappings().partitions(BATCH):
        target.execute(said, [dict(row) for row in batch])


def _go_on_counting(target: Connection) -> None:
    """New rows of each table get ids after those that came."""
    for table in Base.metadata.sorted_tables:
        column = _counted(table)
        sequence = column and target.scalar(select(func.pg_get_serial_sequence(table.name, column)))
        if sequence:
            last = target.scalar(select(func.max(table.c[column])))
            target.execute(select(func.setval(sequence, last or 1, last is not None)))


def _counted(table: Table) -> str:
    """The column whose values the database counts itself, if there is one."""
    keys = list(table.primary_key.columns)
    return keys[0].name if len(keys) == 1 and isinstance(keys[0].type, Integer) else ""
