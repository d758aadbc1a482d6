"""Whose turn it is: at most a few calls at a time go to one target from this process, so that one that hangs leaves
room for the others (fault 32).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2


class Busy(Exception):
    """Enough calls to this target are under way."""


_lock = threading.Lock()
_under_way: Counter[str] = Counter()


@contextmanager
def turn(target: str) -> Iterator[None]:
    """Hold one of the target's places. Raises Busy at once where there is none."""
    with _lock:
        if _under_way[target] >= AT_ONCE:
            raise Busy
        _under_way[target] += 1
    try:
        yield
    finally:
        with _lock:
            _under_way[target] -= 1
            if not _under_way[target]:
                del _under_way[target]
