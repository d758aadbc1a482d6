"""Two who do something at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import text

from helpdesk.db import db, is_sqlite, session, writing
from tests.servers.process import PATIENCE, wait_until


def meanwhile(app: Flask, first: Callable[[], object], second: Callable[[], object], *, waits: bool = True) -> None:
    """`second` begins in another thread after `first` has written and before it is committed.

    `waits`: on PostgreSQL the second meets a row of the first; the first is only committed once it does.
    """
    trouble: list[Exception] = []

    def other() -> None:
        try:
            with app.app_context(), writing():
                second()
        except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
            trouble.append(error)

    thread = threading.Thread(target=other)
    with app.app_context(), writing():
        first()
        session().flush()
        thread.start()
        if not is_sqlite():
            wait_until(somebody_waits if waits else lambda: not thread.is_alive(), what="the other")
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not trouble, trouble


def somebody_waits() -> bool:
    """Whether anybody waits for a row that another transaction holds, on PostgreSQL."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with db.engine.connect() as look:
        return bool(look.scalar(asked))
