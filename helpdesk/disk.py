"""A disk that did not keep what it was given (fault 22). After a flush that failed, Linux forgets what it was about and
says of the next one that all is well; so nothing is flushed once more as if nothing had been. Whoever waits for a
promise is refused, this process commits nothing more and ends, and the next one reads what is really there.

Files are flushed by `sync`; `watch` listens to what SQLite says of its own flushes (PostgreSQL stops by itself). How a
process ends is its own business: it says so with `when_failed`.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC

from flask import Flask
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import ExceptionContext

from helpdesk.db import db
from helpdesk.errors import HelpdeskError

FULL = (ENOSPC, EDQUOT)  # nobody was told that all is well; there is room again one day
LOST = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_WRITE)

log = logging.getLogger("helpdesk.disk")


class Failed(HelpdeskError):
    """The disk lost something that was written. Nothing is promised any more until the process was started anew."""

    code = "disk_failed"
    status = 503
    exit_code = 75  # a mail program that hands mail in tries again later (sysexits.h)


_failures: list[Failed] = []
_endings: list[Callable[[], None]] = []


def sync(handle: int, what: str) -> None:
    """Flush an open file or folder. Raises Failed, once and for all, and OSError where the disk is only full."""
    must_hold()
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno in FULL:
            raise
        raise _fail(f"{what}: {error.strerror or error}") from error
    must_hold()  # it may have been lost in another thread meanwhile, and this flush told nothing of it


def must_hold() -> None:
    """Raise Failed if the disk has failed this process."""
    if _failures:
        raise _failures[0]


def failure() -> Failed | None:
    """What went wrong with the disk, if something did."""
    return _failures[0] if _failures else None


def when_failed(end: Callable[[], None]) -> None:
    """How this process is asked to end."""
    _endings.append(end)


def watch(app: Flask) -> None:
    """Hear of flushes that fail in the app's database, and commit nothing after one."""
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "handle_error")
    def told(context: ExceptionContext) -> None:
        error = context.original_exception
        if getattr(error, "sqlite_errorcode", None) in LOST:
            raise _fail(f"the database: {error}") from error

    @event.listens_for(engine, "commit")
    def refused(_connection: Connection) -> None:
        must_hold()


@contextmanager
def last_words() -> Iterator[None]:
    """What is written within the block, when all else has ended, may be lost."""
    kept = _failures[:]
    _failures.clear()
    try:
        yield
    finally:
        _failures[:] = kept


def _fail(what: str) -> Failed:
    """Note that the disk failed and ask the process to end. Gives the first failure, whichever this one is."""
    _failures.append(Failed(f"The disk lost what was written ({what}). Look at it before you start again."))
    log.critical("%s", _failures[-1].sentence)
    while _endings:  # asked once, for the process may be ending already
        _endings.pop()()
    return _failures[0]
