"""How tickets get on in each state: how many there are, how long they have been there, which are stuck (N8). For the
diagram with `--live` and in the editor.

Three questions to the database, whatever the number of states. Finished tickets are only counted, along the queue's
index; times are asked of open ones alone, so a million closed tickets cost nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from helpdesk import clock
from helpdesk.db import UTCDateTime, is_sqlite, session
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
    open_ = [pair for pair in pairs if counts.get(pair) and not desk.workflows[pair[0]].states[pair[1]].final]
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


def _medians(pairs: list[Pair]) -> dict[Pair, datetime]:
    """When the ticket in the middle of each state came into it."""
    if not pairs:
        return {}
    found = session().execute(_in_order(pairs) if is_sqlite() else _by_percentile(pairs))
    return {(row[0], row[1]): _moment(row[2]) for row in found}


def _in_order(pairs: list[Pair]) -> Select[str, str, datetime]:
    """SQLite has no median: the tickets of each state are numbered."""
    state = (Ticket.workflow, Ticket.state)
    place = func.row_number().over(partition_by=state, order_by=Ticket.entered_at).label("place")
    number = func.count().over(partition_by=state).label("number")
    rows = select(*state, Ticket.entered_at, place, number).where(in_any(pairs)).subquery()
    return select(rows.c.workflow, rows.c.state, rows.c.entered_at).where(rows.c.place == (rows.c.number + 1) // 2)


def _by_percentile(pairs: list[Pair]) -> Select[str, str, datetime]:
    middle = func.percentile_disc(0.5).within_group(Ticket.entered_at)
    rows = select(Ticket.workflow, Ticket.state, middle.cast(UTCDateTime))
    return rows.where(in_any(pairs)).group_by(Ticket.workflow, Ticket.state)


def _stuck(since: Mapping[Pair, datetime]) -> dict[Pair, int]:
    """Tickets that came into a state at these moments or before, and that no clock moves on."""
    late: list[ColumnElement[bool]] = [
        and_(in_any([pair]), Ticket.entered_at <= moment) for pair, moment in since.items()
    ]
    waits = exists().where(Timer.ticket_id == Ticket.id, Timer.kind.not_in(("sla", "overflow")))
    rows = (
        select(Ticket.workflow, Ticket.state, func.count())
        .where(or_(false(), *late), ~waits)
        .group_by(Ticket.workflow, Ticket.state)
    )
    return {(workflow, state): count for workflow, state, count in session().execute(rows)}


def _moment(said: Any) -> datetime:
    moment = said if isinstance(said, datetime) else datetime.fromisoformat(str(said))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
