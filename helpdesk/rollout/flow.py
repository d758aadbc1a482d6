"""How tickets get on in each state: how many there are, how long they have been there, which are stuck (N8). For the
diagram with `--live` and in the editor.

Three questions to the database, whatever the number of states, along the queue's index: no ticket is looked at.
Finished ones are only counted; times are asked of open ones alone, so a million closed tickets cost nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, literal, select, union_all

from helpdesk import clock
from helpdesk.db import session
from helpdesk.rollout.counting import held, in_any
from helpdesk.rollout.ways import Pair
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows.diagram import Live
from helpdesk.workflows.schema import Desk

STUCK_TIMES = 3  # times the median of its state
STUCK_LEAST = timedelta(days=3)


@dataclass(frozen=True)
class Flow:
    """One state. `median`: how long half of its tickets have been in it; None in a final state or an empty one.
    `stuck`: open tickets that have been in it three times as long as that and three days at least, with no timer set.
    """

    tickets: int
    median: timedelta | None = None
    stuck: int = 0

    @property
    def live(self) -> Live:
        """For the diagram."""
        return Live(self.tickets, in_words(self.median) if self.median is not None else "", self.stuck)


def of(desk: Desk) -> dict[Pair, Flow]:
    """Every state of the desk, by (workflow, state)."""
    counts, now = held(), clock.now()
    pairs = [(workflow.name, state) for workflow in desk.workflows.values() for state in workflow.states]
    open_ = {
        pair: counts[pair] for pair in pairs if pair in counts and not desk.workflows[pair[0]].states[pair[1]].final
    }
    medians = {pair: now - entered for pair, entered in _medians(open_).items()}
    stuck = _stuck({pair: now - max(STUCK_LEAST, STUCK_TIMES * median) for pair, median in medians.items()})
    return {pair: Flow(counts.get(pair, 0), medians.get(pair), stuck.get(pair, 0)) for pair in pairs}


def lives(desk: Desk, workflow: str) -> dict[str, Live]:
    """What `diagram.svg` wants of one workflow."""
    return {state: flow.live for (its, state), flow in of(desk).items() if its == workflow}


def in_words(time: timedelta) -> str:
    """A length as a person says it, in its two largest units: 3 d 4 h."""
    minutes = int(time.total_seconds()) // 60
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    first = next((i for i, (number, _) in enumerate(parts) if number), 2)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number) or "0 min"


def _medians(counts: Mapping[Pair, int]) -> dict[Pair, datetime]:
    """When the ticket in the middle of each of these states came into it."""
    if not counts:
        return {}
    middle = [
        select(*_named(pair), Ticket.entered_at)
        .where(in_any([pair]))
        .order_by(Ticket.entered_at)
        .offset((number - 1) // 2)
        .limit(1)
        .subquery()
        for pair, number in counts.items()
    ]
    found = session().execute(union_all(*(select(each) for each in middle)))
    return {(workflow, state): entered for workflow, state, entered in found}


def _stuck(since: Mapping[Pair, datetime]) -> dict[Pair, int]:
    """How many tickets came into each state at its moment or before, and have no clock that moves them on."""
    if not since:
        return {}
    waits = exists().where(Timer.ticket_id == Ticket.id, Timer.kind.not_in(("sla", "overflow")))
    late = [
        select(*_named(pair), func.count()).where(in_any([pair]), Ticket.entered_at <= moment, ~waits)
        for pair, moment in since.items()
    ]
    return {(workflow, state): count for workflow, state, count in session().execute(union_all(*late))}


def _named(pair: Pair) -> tuple[ColumnElement[str], ColumnElement[str]]:
    return literal(pair[0]).label("workflow"), literal(pair[1]).label("state")
