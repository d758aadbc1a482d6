"""What goes on in each state now, for the diagram. Asked while somebody types, so the tickets are counted at most every
ten seconds.
"""

from __future__ import annotations

import time
from dataclasses import astuple
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from helpdesk.db import session
from helpdesk.rollout import flow
from helpdesk.workflows import revisions

FRESH = 10.0  # seconds

Going = dict[str, dict[str, tuple[Any, ...]]]

_known: WeakKeyDictionary[Engine, tuple[float, Going]] = WeakKeyDictionary()


def by_state() -> Going:
    """By workflow and state: how many tickets, how long they stay there as words, and how many are stuck."""
    engine = session().get_bind().engine
    known = _known.get(engine)
    if known is not None and time.monotonic() - known[0] < FRESH:
        return known[1]
    found: Going = {}
    for (workflow, state), each in flow.of(revisions.active().desk).items():
        found.setdefault(workflow, {})[state] = astuple(each.live)
    _known[engine] = (time.monotonic(), found)
    return found
