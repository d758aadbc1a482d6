"""The database of a desk through its bare driver, as references ask it: no ORM, no rules, one commit a statement
unless a transaction is begun.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

from config import Settings


def connected(settings: Settings) -> Any:
    """A connection that flushes as often and remembers as many pages as the desk's."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        connection: Any = sqlite3.connect(str(url.database), isolation_level=None)
        for pragma in ("journal_mode=wal", f"synchronous={settings.sqlite_synchronous}", "cache_size=-16000"):
            connection.execute(f"pragma {pragma}")
        return connection
    return psycopg.connect(address(url), autocommit=True)


def address(url: URL) -> str:
    """As PostgreSQL's driver takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
