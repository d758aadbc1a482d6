"""How many tickets stand in each state now, for the diagram. Asked while somebody types, so it is counted at most every
ten seconds.
"""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select

from helpdesk.db import session
from helpdesk.tickets.models import Ticket

FRESH = 10.0  # seconds

Counts = dict[str, dict[str, int]]

_counted: WeakKeyDictionary[Engine, tuple[float, Counts]] = WeakKeyDictionary()


def by_state() -> Counts:
    """The number of tickets in each state that has any, by workflow."""
    engine = session().get_bind().engine
    known = _counted.get(engine)
    if known is not None and time.monotonic() - known[0] < FRESH:
        return known[1]
    rows = select(Ticket.workflow, Ticket.state, func.count()).group_by(Ticket.workflow, Ticket.state)
    found: Counts = {}
    for workflow, state, number in session().execute(rows):
        found.setdefault(workflow, {})[state] = number
    _counted[engine] = (time.monotonic(), found)
    return found
