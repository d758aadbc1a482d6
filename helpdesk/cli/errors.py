"""The one place where what went wrong becomes a sentence and an exit code. Nobody outside ever sees a traceback.

0 done · 1 it did not work · 2 a wrong command, setting or file · 3 refused · 4 not there, or not theirs to see · 70 our
fault · 75 try again · 130 stopped by Ctrl-C. In development (HELPDESK_ENV) an unexpected error keeps its traceback.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from config import BadSetting
from helpdesk import clock
from helpdesk.errors import HelpdeskError, Stale

FAILED, UNUSABLE, REFUSED, NOT_THERE, OURS, TRY_AGAIN, STOPPED = 1, 2, 3, 4, 70, 75, 130


@contextmanager
def told(*, code: int | None = None) -> Iterator[None]:
    """Run a command; what it raises is told on stderr and ends the process. `code` replaces the code of any failure."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from None
    except KeyboardInterrupt:
        fail("Stopped.", STOPPED)
    except Exception as problem:  # noqa: BLE001 - the last line of the program: told, logged, never swallowed
        sentence, own = _sentence(problem)
        fail(sentence, own if code is None else code)


def fail(sentence: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong and end with `code`."""
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(code)


def _sentence(problem: Exception) -> tuple[str, int]:
    """What went wrong for a person, and its exit code."""
    if isinstance(problem, HelpdeskError):
        news = problem.changes if isinstance(problem, Stale) else []
        return "\n".join((problem.sentence, *news)), problem.exit_code
    if isinstance(problem, BadSetting):
        return str(problem), UNUSABLE
    if isinstance(problem, OSError):
        where = f"{problem.filename}: " if problem.filename else ""
        return f"{where}{problem.strerror or problem}.", UNUSABLE
    if of_database := _of_database(problem):
        return of_database, FAILED
    if os.environ.get("HELPDESK_ENV") == "development":
        raise problem
    return f"Something went wrong that should not have. The details are in {_log(problem)}.", OURS


def _of_database(surprise: Exception) -> str:
    """The sentence for what a database says, or nothing if it is not the database's."""
    if not type(surprise).__module__.startswith("sqlalchemy.") or not hasattr(surprise, "orig"):
        return ""
    said = str(surprise.orig).strip().splitlines()[0] if surprise.orig else str(surprise)
    lower = said.casefold()
    if "no such table" in lower or ("relation" in lower and "does not exist" in lower):
        return "The database has no tables yet. Run `helpdesk init`."
    if "no such column" in lower or ("column" in lower and "does not exist" in lower):
        return "The database is older than this program. Run `helpdesk migrate`."
    if "locked" in lower:
        return "The database is busy. Try again in a moment."
    if type(surprise).__name__ in ("OperationalError", "InterfaceError", "DatabaseError", "ProgrammingError"):
        return f"The database cannot be used: {said}"
    return ""


def _log(surprise: Exception) -> Path:
    """Write the traceback where the data lives, or into a temporary file if that cannot be done."""
    told_at = clock.now().isoformat(timespec="seconds")
    text = f"{told_at} helpdesk {' '.join(sys.argv[1:3])}\n{''.join(traceback.format_exception(surprise))}\n"
    place = Path(os.environ.get("HELPDESK_VAR") or "var").resolve() / "errors.log"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        handle, name = tempfile.mkstemp(prefix="helpdesk-error-", suffix=".log")
        place = Path(name)
    with os.fdopen(handle, "a", encoding="utf-8") as out:
        out.write(text)
    return place
