"""The arithmetic of promises on one ticket: when they are due, how a pause moves them, when so many per cent are over.

For `promises` only. A deadline in working time moves by the working time that a pause lasted, any other by the pause.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from helpdesk import clock
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import calendars, revisions
from helpdesk.workflows.schema import Duration


def of(ticket: Ticket, name: str) -> datetime | None:
    """When what this clock counts is due."""
    return ticket.due_resolution if name == "resolution" else ticket.due_first_response


def promise(ticket: Ticket, length: Duration, *, since: datetime | None = None) -> datetime:
    """When a promise of this length is due, by the ticket's whole life so far; or one that counts `since` a moment."""
    if since is not None:
        return calendars.ends(revisions.active().desk, ticket.workflow, since, length)
    kept = promised(ticket)
    at = calendars.ends(revisions.active().desk, ticket.workflow, moment(ticket, kept["since"]), length)
    for begun, over in kept["pauses"]:
        at = _moved(ticket, at, length, moment(ticket, begun), moment(ticket, over))
    return at


def go_on(ticket: Ticket, begun: datetime, over: datetime) -> None:
    """A pause is over: what was still to keep moves by it."""
    kept = promised(ticket)
    lengths = {name: Duration.read(text) for name, text in kept["of"].items()}
    if ticket.due_resolution and "resolution" in lengths:
        ticket.due_resolution = _moved(ticket, ticket.due_resolution, lengths["resolution"], begun, over)
    if ticket.due_first_response and "first_response" in lengths and ticket.first_response_at is None:
        ticket.due_first_response = _moved(ticket, ticket.due_first_response, lengths["first_response"], begun, over)
    ticket.promised = {**kept, "pauses": [*kept["pauses"], [offset(ticket, begun), offset(ticket, over)]]}


def mark(ticket: Ticket, name: str, percent: int) -> datetime:
    """When so many per cent of this clock's time are over, if nothing pauses it from now on; now, if they are."""
    deadline = of(ticket, name)
    if deadline is None or percent == 100:
        return deadline or clock.now()
    kept, now = promised(ticket), clock.now()
    length, since = Duration.read(kept["of"][name]), moment(ticket, kept["since"])
    if not length.business:
        return deadline - length.delta * (100 - percent) / 100
    working = _working(ticket)
    whole = working.between(since, working.add(since, length))
    return working.after(now, working.between(now, deadline) - whole * (100 - percent) / 100)


def used(ticket: Ticket, name: str, *, at: datetime) -> int:
    """How many per cent of this clock's time are over at a moment, 100 at the most."""
    deadline, kept = of(ticket, name), promised(ticket)
    if deadline is None or deadline <= at or name not in kept["of"]:
        return 100
    length, since = Duration.read(kept["of"][name]), moment(ticket, kept["since"])
    if not length.business:
        left, whole = deadline - at, length.delta
    elif not revisions.active().desk.workflows[ticket.workflow].calendar:
        left, whole = deadline - at, deadline - since  # the file took its working time; it is about to be reckoned anew
    else:
        working = _working(ticket)
        left, whole = working.between(at, deadline), working.between(since, working.add(since, length))
    return max(0, min(100, round(100 - 100 * left / whole))) if whole else 100


def promised(ticket: Ticket) -> dict[str, Any]:
    """What is kept of the promises; of a ticket that has none, nothing."""
    return ticket.promised or {"of": {}, "said": {}, "since": 0.0, "pauses": []}


def offset(ticket: Ticket, at: datetime) -> float:
    """A moment as it is kept: in seconds since the ticket was opened."""
    return (at - ticket.created_at).total_seconds()


def moment(ticket: Ticket, kept: float) -> datetime:
    return ticket.created_at + timedelta(seconds=kept)


def _moved(ticket: Ticket, at: datetime, length: Duration, begun: datetime, over: datetime) -> datetime:
    """A deadline after a pause. What was broken before it stays broken, and a clock that jumped back moves nothing."""
    if at <= begun or over <= begun:
        return at
    if not length.business:
        return at + (over - begun)
    working = _working(ticket)
    return working.after(at, working.between(begun, over))


def _working(ticket: Ticket) -> calendars.WorkingTime:
    return calendars.working(revisions.active().desk, ticket.workflow)
