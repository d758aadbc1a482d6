"""A real PostgreSQL, its own cluster in a temporary folder, for the tests that ask for it.

The fixture `postgresql_url` is one migrated, empty database, cloned from a template and dropped later. `postgresql`
is the server itself. It flushes nothing to disk and keeps its files in memory where there is room;
`durable_postgresql`, for the tests of what survives a crash, does neither.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import NullPool, create_engine

from config import Settings
from helpdesk import migrating
from tests.servers.process import (
    DISK,
    folder,
    free_port,
    kept_folder,
    program,
    running,
    unprivileged_user,
    where_there_is_room,
)

OWNER = "helpdesk"
TEMPLATE = "migrated"
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "min_wal_size=32MB", "max_wal_size=64MB")
ROOM = 1024  # megabytes: it takes some 200, and others run beside it


@dataclass(frozen=True)
class PostgreSQL:
    """A running server."""

    port: int
    pid: int
    sockets: Path

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as HELPDESK_DATABASE_URL takes it."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def local_url(self, database: str) -> str:
        """The same over the server's socket, as for a desk beside it."""
        return f"postgresql://{OWNER}@/{database}?{urlencode({'host': self.sockets, 'port': self.port})}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make a database as a copy of `template`, and give its address."""
        self._tell("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, ending the connections that are still open to it."""
        self._tell("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _tell(self, command: str, *names: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


@contextmanager
def running_postgresql(
    *, durable: bool = False, options: tuple[str, ...] = (), keep: Path | None = None
) -> Iterator[PostgreSQL]:
    """A fresh cluster within the block, on a unix socket and a free port of loopback. With `keep` it lives in that
    folder and is there again the next time.
    """
    binaries = "/usr/lib/postgresql/*/bin"
    initdb, postgres = (program(name, package="postgresql", also_in=binaries) for name in ("initdb", "postgres"))
    user = unprivileged_user("postgres", "nobody")  # it refuses to run as root
    on = DISK if durable else where_there_is_room(ROOM)
    with kept_folder(keep, owner=user) if keep else folder("pg", owner=user, on=on) as home:
        data, port = home / "data", free_port()
        if not data.exists():
            kind = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
            _as(user, [initdb, "-D", str(data), *kind])
        settings = (
            *(() if durable else FORGETFUL),
            "timezone=UTC",
            "max_connections=60",
            "shared_buffers=64MB",
            *options,
        )
        where = ["-D", str(data), "-k", str(home), "-h", "127.0.0.1", "-p", str(port)]
        command = [postgres, *where, *(word for setting in settings for word in ("-c", setting))]
        # SIGINT is its "fast" end: open connections are closed, the cluster is left sound
        with running(command, log=home / "log", ready=lambda: _accepts(port), user=user, stop=signal.SIGINT) as process:
            yield PostgreSQL(port=port, pid=process.pid, sockets=home)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The session's PostgreSQL."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def durable_postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL that flushes what it commits, for the tests of what survives."""
    with running_postgresql(durable=True) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgresql: PostgreSQL) -> str:
    """The name of a database with all migrations applied, to be cloned."""
    engine = create_engine(Settings(database_url=postgresql.create(TEMPLATE)).database, poolclass=NullPool)
    migrating.upgrade(engine)
    return TEMPLATE


_numbers = count(1)


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL, migrated_template: str) -> Iterator[str]:
    """The address of a migrated, empty database of this test alone."""
    name = f"test_{next(_numbers)}"
    yield postgresql.create(name, template=migrated_template)
    postgresql.drop(name)


def _accepts(port: int) -> bool:
    try:
        psycopg.connect(f"postgresql://{OWNER}@127.0.0.1:{port}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _as(user: str | None, command: list[str]) -> None:
    done = subprocess.run(command, user=user, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
