"""The machine: Python, SQLite, time zones, the clock, the disk."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import Settings
from helpdesk import clock
from helpdesk.cli.checks.base import Verdict, failed, ok, warning

PYTHON, SQLITE = (3, 11), (3, 37)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right shows an earlier time
LITTLE, TOO_LITTLE = 2_000_000_000, 200_000_000  # bytes free


def check(settings: Settings) -> Iterator[Verdict]:
    version = platform.python_version()
    yield (
        ok("python", version)
        if sys.version_info >= PYTHON
        else failed("python", f"{version}; 3.11 or newer is needed.")
    )
    yield _sqlite()
    yield _clock()
    yield _disk(settings.data_folder)


def _sqlite() -> Verdict:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < SQLITE:
        return failed("sqlite", f"{version}; {'.'.join(map(str, SQLITE))} or newer is needed.")
    with sqlite3.connect(":memory:") as memory:
        try:
            memory.execute("create virtual table words using fts5(word)")
        except sqlite3.OperationalError:
            return failed("sqlite", f"{version} was built without FTS5, which the search needs.")
        finally:
            memory.rollback()
    memory.close()
    return ok("sqlite", f"{version} with FTS5")


def _clock() -> Verdict:
    now = clock.now()
    try:
        ZoneInfo("Europe/Tallinn")
    except ZoneInfoNotFoundError:
        return failed("clock", "There are no time zones on this machine; install tzdata.")
    if now < BUILT:
        return failed("clock", f"It shows {now:%Y-%m-%d %H:%M} UTC, which is long ago. Set it, best by NTP.")
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _disk(folder: Path) -> Verdict:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free where the data lives"
    if free < TOO_LITTLE:
        return failed("disk", f"{said}; that is too little to go on.")
    return warning("disk", f"{said}; make room soon.") if free < LITTLE else ok("disk", said)
