"""The kinds of due things. A file of this folder brings one: it says `@fires("kind")` over what happens then.

Whatever fires has the ticket held. It moves its row on or deletes it, and does so before it runs anything: an action
may set the ticket's clocks anew.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from helpdesk.tickets.due import RANKS
from helpdesk.tickets.models import Ticket, Timer

Fires = Callable[[Ticket, Timer], None]
_kinds: dict[str, Fires] = {}


def fires(kind: str) -> Callable[[Fires], Fires]:
    """Decorator: this is what happens when something of `kind` is due."""
    if kind not in RANKS:
        raise ValueError(f"{kind} has no rank in tickets.due.RANKS.")

    def enter(what: Fires) -> Fires:
        _kinds[kind] = what
        return what

    return enter


def fire(ticket: Ticket, timer: Timer) -> None:
    """It is due."""
    _load_all()
    _kinds[timer.kind](ticket, timer)


@cache
def _load_all() -> None:
    folder = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
