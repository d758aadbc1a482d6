"""Many rows into the database, past the session: prepared inserts on SQLite, COPY on PostgreSQL.

While it runs there are no foreign keys and no secondary indexes; these are built at the end, which is many times
faster than keeping them up. Only for the generator: whatever it writes is held against door-made rows by a test.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
from sqlalchemy.engine import make_url

BATCH = 20_000
Row = tuple[Any, ...]


class Sink(Protocol):
    """Where generated rows go."""

    bools: type
    shown: Callable[[datetime], Any]

    def add(self, table: str, row: Row) -> None: ...


@contextmanager
def into(url: str, columns: dict[str, Sequence[str]]) -> Iterator[Sink]:
    """A sink for the database at `url` (as HELPDESK_DATABASE_URL takes it); `columns` of each table in the rows'
    order.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with _sqlite(str(address.database), columns) as sink:
            yield sink
    else:
        with _postgresql(address.set(drivername="postgresql").render_as_string(hide_password=False), columns) as sink:
            yield sink


class _Batched(ABC):
    def __init__(self, columns: dict[str, Sequence[str]]) -> None:
        self._columns = columns
        self._waiting: dict[str, list[Row]] = {table: [] for table in columns}

    def add(self, table: str, row: Row) -> None:
        waiting = self._waiting[table]
        waiting.append(row)
        if len(waiting) >= BATCH:
            self._write(table, waiting)
            waiting.clear()

    def flush(self) -> None:
        for table, waiting in self._waiting.items():
            if waiting:
                self._write(table, waiting)
                waiting.clear()

    @abstractmethod
    def _write(self, table: str, rows: list[Row]) -> None: ...


class _SQLite(_Batched):
    bools = int

    def __init__(self, connection: sqlite3.Connection, columns: dict[str, Sequence[str]]) -> None:
        super().__init__(columns)
        self._connection = connection

    @staticmethod
    def shown(moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond:06d}"

    def _write(self, table: str, rows: list[Row]) -> None:
        names = [
            "rowid" if table == "message_search" and name == "message_id" else name for name in self._columns[table]
        ]
        marks = ", ".join("?" * len(names))
        self._connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


@contextmanager
def _sqlite(path: str, columns: dict[str, Sequence[str]]) -> Iterator[_SQLite]:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in (
        "journal_mode=off",
        "synchronous=off",
        "foreign_keys=off",
        "cache_size=-400000",
        "locking_mode=exclusive",
    ):
        connection.execute(f"pragma {pragma}")
    names = ", ".join(f"'{table}'" for table in columns)
    indexes = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    sink = _SQLite(connection, columns)
    connection.execute("BEGIN")
    yield sink
    sink.flush()
    connection.execute("COMMIT")
    for _, made in indexes:
        connection.execute(made)
    last = connection.execute("SELECT max(id) FROM tickets").fetchone()[0]
    connection.execute("UPDATE counters SET value = ? WHERE name = 'tickets'", (last or 1000,))
    connection.execute("pragma journal_mode=wal")
    connection.close()


class _PostgreSQL(_Batched):
    bools = bool

    def __init__(self, connection: psycopg.Connection[Any], columns: dict[str, Sequence[str]]) -> None:
        super().__init__(columns)
        self._connection = connection

    @staticmethod
    def shown(moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat()

    def _write(self, table: str, rows: list[Row]) -> None:
        target = "found" if table == "message_search" else table
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {target} ({', '.join(self._columns[table])}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        if table == "message_search":
            self._connection.execute(
                "INSERT INTO message_search (message_id, ticket_id, tokens) "
                "SELECT message_id, ticket_id, to_tsvector('simple', tokens) FROM found"
            )
            self._connection.execute("TRUNCATE found")


@contextmanager
def _postgresql(url: str, columns: dict[str, Sequence[str]]) -> Iterator[_PostgreSQL]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no foreign keys while it runs
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET synchronous_commit = off")
        connection.execute("CREATE TEMPORARY TABLE found (message_id bigint, ticket_id integer, tokens text)")
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes i WHERE tablename = ANY(%s) "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = i.indexname)",
            (list(columns),),
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        sink = _PostgreSQL(connection, columns)
        yield sink
        sink.flush()
        for _, made in indexes:
            connection.execute(str(made).encode())
        for table in columns:
            _advance(connection, table)
        connection.execute("SELECT setval('ticket_numbers', greatest(1000, (SELECT max(id) FROM tickets)))")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")  # what is measured next does not wait for this to reach the disk


def _advance(connection: psycopg.Connection[Any], table: str) -> None:
    """The next row the desk writes gets an id after the generated ones."""
    query = "SELECT pg_get_serial_sequence(%s, 'id') FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id'"
    found = connection.execute(query, (table, table)).fetchone()
    if found and found[0]:
        connection.execute(f"SELECT setval('{found[0]}', greatest(1, (SELECT max(id) FROM {table})))".encode())
