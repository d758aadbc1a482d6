"""Where the time of a piece of work goes: a clock that stands in one part at a time, so that no moment counts twice.

A part that begins within another one stops the other until it ends: what the database takes while a page is rendered
is the database's and not the rendering's. Only what the watching thread does is counted.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

DATABASE, COMMITS, AROUND, REST = "database", "commits", "SQLAlchemy", "the rest"
OF_THE_SESSION = ("execute", "scalars", "scalar", "get", "flush", "commit", "rollback")
OF_THE_DRIVER = ("BEGIN", "PRAGMA")
OF_THE_CLOCK = "FROM revisions"  # asked once a second, whatever is done

Place = tuple[Any, str, str]  # an object, the name of a function of it, and the part its time belongs to


class Watch:
    """`seconds` of each part, and how many `questions` the database was asked."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.questions = 0
        self._within = [REST]
        self._since = 0.0
        self._thread = threading.get_ident()

    def begin(self, part: str) -> None:
        self._turn()
        self._within.append(part)

    def end(self) -> None:
        self._turn()
        self._within.pop()

    @property
    def is_mine(self) -> bool:
        """Whether this is the thread that is watched."""
        return threading.get_ident() == self._thread

    @contextmanager
    def running(self) -> Iterator[None]:
        """What happens within the block is counted."""
        self._since = time.perf_counter()
        yield
        self._turn()

    def _turn(self) -> None:
        now = time.perf_counter()
        self.seconds[self._within[-1]] += now - self._since
        self._since = now


@contextmanager
def watching(engine: Engine, places: Iterable[Place]) -> Iterator[Watch]:
    """A watch over the database of `engine`, what SQLAlchemy does around it, and these functions."""
    watch = Watch()

    def asks(_c: Any, _u: Any, statement: str, *_rest: Any) -> None:
        if watch.is_mine:
            watch.begin(DATABASE)
            told = statement.lstrip().upper().startswith(OF_THE_DRIVER) or OF_THE_CLOCK in statement
            watch.questions += not told

    def knows(*_: Any) -> None:
        if watch.is_mine:
            watch.end()

    around = [(Session, name, AROUND) for name in OF_THE_SESSION]
    around += [(Connection, name, AROUND) for name in ("execute", "exec_driver_sql")]
    ends = [(engine.dialect, name, COMMITS) for name in ("do_commit", "do_rollback")]
    with ExitStack() as stack:
        for owner, name, part in (*around, *ends, *places):
            stack.enter_context(patch.object(owner, name, _timed(watch, getattr(owner, name), part)))
        for moment, heard in (("before_cursor_execute", asks), ("after_cursor_execute", knows)):
            event.listen(engine, moment, heard)
            stack.callback(event.remove, engine, moment, heard)
        yield watch


def _timed(watch: Watch, do: Callable[..., Any], part: str) -> Callable[..., Any]:
    @wraps(do)
    def timed(*args: Any, **named: Any) -> Any:
        if not watch.is_mine:
            return do(*args, **named)
        watch.begin(part)
        try:
            return do(*args, **named)
        finally:
            watch.end()

    return timed
