"""What a connection to each database is told, so that the desk's promises hold: how long a writer waits, what is on the
disk after a commit, that a transaction only reads unless it may write.

Called by `db` when the desk's engine is made. Knows no session and no model.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

RESTED = 5.0  # seconds after which a connection of the pool is asked whether it still lives


def options(url: URL, *, threads: int) -> dict[str, Any]:
    """How the engine for this database keeps its connections, in a process of so many threads."""
    warm = {"pool_use_lifo": True}  # the connection used last knows the statements and has the pages at hand
    if url.get_backend_name() == "sqlite":
        wait = {"timeout": 30}  # seconds a writer waits for the lock before it gives up
        return {"connect_args": wait, **({} if is_in_memory(url) else warm)}  # in memory there is only one connection
    return {"pool_size": threads + 4, "max_overflow": 4, "pool_timeout": 10, **warm}


def is_in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")


def prepare(engine: Engine, *, synchronous: str, may_write: Callable[[], bool]) -> None:
    """Have the database refuse every write of a transaction that began while `may_write` said no. `synchronous`: what
    SQLite flushes at a commit.
    """
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, synchronous, may_write)
    else:
        _prepare_postgresql(engine, may_write)


def _prepare_sqlite(engine: Engine, synchronous: str, may_write: Callable[[], bool]) -> None:
    @event.listens_for(engine, "connect")
    def connected(dbapi: sqlite3.Connection, _record: Any) -> None:
        dbapi.isolation_level = None  # transactions are begun below, not guessed by the driver
        for pragma in ("journal_mode=wal", f"synchronous={synchronous}", "foreign_keys=on", "cache_size=-16000"):
            dbapi.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        write = may_write()
        if connection.info.get("writes") is not write:  # of this connection, until it is set anew
            connection.exec_driver_sql(f"pragma query_only={'off' if write else 'on'}")
            connection.info["writes"] = write
        connection.exec_driver_sql("begin immediate" if write else "begin")


def _prepare_postgresql(engine: Engine, may_write: Callable[[], bool]) -> None:
    """Who only reads needs no transaction: each question sees what is committed when it is asked, with or without one.
    So there is none, which saves two journeys to the server, and no ROLLBACK at which psycopg lets go of all questions
    that the server has prepared.
    """

    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, _record: Any) -> None:
        dbapi.autocommit, dbapi.read_only = True, False  # a transaction that is begun may write
        dbapi.execute("set default_transaction_read_only = on")  # what is outside one may not

    @event.listens_for(engine, "checkin")
    def rested(_dbapi: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def woken(dbapi: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        """Whether the server is still there is asked of a connection that rested, not before every transaction."""
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) > RESTED and not _answers(dbapi):
            raise DisconnectionError("The database has closed this connection.")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        dbapi: Any = connection.connection.dbapi_connection
        write = may_write()
        if dbapi.autocommit is write:
            dbapi.autocommit = not write


def _answers(dbapi: Any) -> bool:
    import psycopg  # a desk on SQLite never loads it

    try:
        dbapi.autocommit = True  # who wrote left it otherwise, and the question would begin a transaction
        dbapi.execute("select 1")
    except psycopg.Error:
        return False
    return True
