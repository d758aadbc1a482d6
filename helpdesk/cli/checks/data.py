"""The desk's own data: its database, its workflow, and what it complains of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from helpdesk import alarms, bare, clock, migrating, stored
from helpdesk.cli.checks.base import Verdict, failed, ok, warning
from helpdesk.db import db, is_sqlite, session
from helpdesk.text.counted import counted
from helpdesk.tickets.models import Event
from helpdesk.workflows import check as checking
from helpdesk.workflows import revisions
from helpdesk.workflows.load import read_texts

DRIFT = timedelta(seconds=5)


def check(settings: Settings) -> Iterator[Verdict]:
    yield from _file(settings.workflow_path)
    if settings.database.startswith("sqlite") and not Path(settings.database.partition("///")[2]).exists():
        yield failed("database", "There is none yet. Run `helpdesk init`.")
        return
    with bare.opened(settings):
        yield from _database()


def _database() -> Iterator[Verdict]:
    try:
        found, needed = migrating.current(db.engine), migrating.head()
    except SQLAlchemyError as problem:
        yield failed("database", f"It cannot be reached: {str(problem.__cause__ or problem).splitlines()[0]}")
        return
    if found != needed:
        at = found or "no version"
        yield failed("database", f"It is at {at}, the program needs {needed}. Run `helpdesk migrate`.")
        return
    yield ok("database", f"{_server()}, at {found}")
    yield from _time()
    yield from _state()


def _file(path: Path) -> Iterator[Verdict]:
    """The workflow file; the database may go on with an earlier one."""
    try:
        loaded = checking.run_file(path)
    except OSError as problem:
        yield failed("workflow", f"{path}: {problem.strerror}.")
        return
    errors = [finding for finding in loaded.findings if finding.severity == "error"]
    if errors:
        yield failed("workflow", f"{path} has {counted(len(errors), 'error')}, the first: {errors[0]}")
    else:
        yield ok("workflow", f"{path}, {counted(len(loaded.findings), 'warning')}")
    names = sorted({name for raw in read_texts(path).values() for name in _variables(raw)})
    if missing := [name for name in names if not os.environ.get(name)]:
        yield warning("workflow", f"It speaks of variables that are not set here: {', '.join(missing)}.")


def _variables(raw: bytes) -> list[str]:
    return re.findall(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}", raw.decode("utf-8", "replace"))


def _server() -> str:
    if is_sqlite():
        mode = session().execute(text("pragma journal_mode")).scalar_one()
        return f"SQLite, journal {mode}"
    return "PostgreSQL " + str(session().execute(text("show server_version")).scalar_one())


def _time() -> Iterator[Verdict]:
    """Clocks that disagree: the database's and ours, or ours now and ours before."""
    if not is_sqlite():
        theirs = session().execute(select(func.now())).scalar_one()
        drift = abs(theirs - clock.now())
        if drift > DRIFT:
            yield failed(
                "clock", f"The database's clock is {drift.total_seconds():.0f} seconds off ours. Set both by NTP."
            )
    newest = session().scalar(select(Event.at).order_by(Event.id.desc()).limit(1))
    if newest is not None and newest > clock.now() + DRIFT:
        yield warning(
            "clock",
            f"The newest event is of {newest:%Y-%m-%d %H:%M} UTC, which is still to come. Was the clock set back?",
        )


def _state() -> Iterator[Verdict]:
    if stored.get("muted", False):
        yield warning(
            "muted", "This is a restored copy: it sends and fetches nothing. `helpdesk restore --live` wakes it."
        )
    if not any(row.activated_at for row in revisions.history(limit=10)):
        yield failed("revision", "No workflow is in force. Run `helpdesk init`.")
    for problem in revisions.problems()[:1]:
        yield warning(
            "revision", f"The file on the disk was refused and an earlier one is in force: {problem['message']}"
        )
    for alarm in alarms.standing():
        yield warning(
            "alarm", f"{alarm.sentence} (since {alarm.raised_at:%Y-%m-%d %H:%M} UTC, {counted(alarm.times, 'time')})"
        )
