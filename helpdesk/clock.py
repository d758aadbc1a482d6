"""The one clock. Everything that asks for the time asks here, so that tests and workflow tests can set it.

Times are aware and in UTC; people's zones are a matter of showing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _set_to.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Within the block the clock stands at `at` (aware); `travel` moves it."""
    token = _set_to.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)


def travel(by: timedelta) -> datetime:
    """Move a frozen clock forward and give the new time. Only inside `frozen`."""
    standing = _set_to.get()
    if standing is None:
        raise RuntimeError("The clock is running; only a frozen clock can travel.")
    _set_to.set(standing + by)
    return standing + by
