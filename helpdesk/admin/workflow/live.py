"""What goes on in each state now, for the diagram. Asked while somebody types, so the tickets are counted at most every
ten seconds, and anew for a revision that came into force: it may have carried tickets elsewhere.
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

_known: WeakKeyDictionary[Engine, tuple[int, float, Going]] = WeakKeyDictionary()


def by_state() -> Going:
    """By workflow and state: how many tickets, how long they stay there as words, and how many are stuck."""
    engine, active = session().get_bind().engine, revisions.active()
    revision, at, known = _known.get(engine, (None, 0.0, {}))
    if revision == active.id and time.monotonic() - at < FRESH:
        return known
    found: Going = {}
    for (workflow, state), each in flow.of(active.desk).items():
        found.setdefault(workflow, {})[state] = astuple(each.live)
    _known[engine] = (active.id, time.monotonic(), found)
    return found
