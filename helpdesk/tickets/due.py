"""What is due of a ticket, and when: one table, whatever the kind, so that all of it happens in one order.

Whoever sets a clock (arriving in a state, an approval, a service level) makes its rows here; `helpdesk.timers` runs
them. What is due at the same moment runs by rank: approval, sla, timer (WORKFLOW.md, "Entering").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_

from helpdesk.db import answer, insert_all
from helpdesk.tickets.models import Timer

RANKS = {"approval": 0, "sla": 1, "timer": 2, "overflow": 3}
"""The kinds there are, and which goes first."""

OF_A_STATE = ("approval", "timer")
"""The kinds that belong to the state a ticket is in, and go when it leaves."""

_OF_THE_STATE = delete(Timer).where(
    Timer.ticket_id == bindparam("ticket"), or_(*(Timer.kind == kind for kind in OF_A_STATE))
)
_OF_KIND = delete(Timer).where(Timer.ticket_id == bindparam("ticket"), Timer.kind == bindparam("kind"))


def entry(
    ticket_id: int, kind: str, action: str, due_at: datetime, *, length: str = "", runs_left: int = 1
) -> dict[str, Any]:
    """A row for `put`. `action`: what is to happen, in the words of the kind; `length`: from one run to the next, as
    the file writes it.
    """
    return {
        "ticket_id": ticket_id,
        "kind": kind,
        "rank": RANKS[kind],
        "action": action,
        "due_at": due_at,
        "length": length,
        "runs_left": runs_left,
    }


def put(entries: Sequence[Mapping[str, Any]]) -> None:
    """Set these clocks. Needs the ticket to be held."""
    insert_all(Timer, entries)


def leave_state(ticket_id: int) -> None:
    """The ticket arrives in a state: what was due of the one before is due no more. A service level goes on, and so
    does the wait for whoever has it.
    """
    answer(_OF_THE_STATE, ticket=ticket_id)


def stop(ticket_id: int, kind: str) -> None:
    """Nothing of this kind is due any more."""
    answer(_OF_KIND, ticket=ticket_id, kind=kind)
