"""What a change of the desk means for timers that run: which stay, go and begin. Asked by `plan` and by the migration,
so that what is said is what is done.

A ticket that stays in its state (under the same name or a new one) keeps its running timers whose definition is
unchanged; timers taken out go; timers added, or given another time, count from when the ticket came into the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_

from helpdesk import clock
from helpdesk.rollout.ways import Pair, Way
from helpdesk.tickets import due
from helpdesk.tickets.models import Timer as Rows
from helpdesk.workflows import calendars
from helpdesk.workflows.schema import Desk, Duration, Timer


@dataclass(frozen=True)
class Staying:
    """The tickets of `pair` stay, in what is called `target` now; these timers go and these come."""

    pair: Pair
    target: Pair
    removed: tuple[Timer, ...]
    added: tuple[Timer, ...]


def staying(before: Desk, after: Desk, held: Iterable[Pair], ways: Mapping[Pair, Way]) -> Iterator[Staying]:
    """Each state whose tickets stay while its timers change."""
    for pair in held:
        way = ways.get(pair)
        target = way.target if way else pair
        if (way and way.enters) or target[0] not in after.workflows:
            continue
        old, new = _timers(before, pair), _timers(after, target)
        gone, come = old.keys() - new.keys(), new.keys() - old.keys()
        if gone or come:
            yield Staying(
                pair,
                target,
                tuple(old[key] for key in old if key in gone),
                tuple(new[key] for key in new if key in come),
            )


def due_if_since(length: Duration, workflow: str, desk: Desk) -> datetime:
    """The latest moment, to the second, since which this length would be over by now."""
    now = clock.now()
    if not length.business:
        return now - length.delta
    long_ago, step = now, timedelta(days=1)
    while calendars.ends(desk, workflow, long_ago, length) > now:  # a calendar opens some day within a year
        long_ago, step = long_ago - step, step * 2
    recent = now
    while recent - long_ago > timedelta(seconds=1):
        middle = long_ago + (recent - long_ago) / 2
        is_due = calendars.ends(desk, workflow, middle, length) <= now
        long_ago, recent = (middle, recent) if is_due else (long_ago, middle)
    return long_ago


def _timers(desk: Desk, pair: Pair) -> dict[tuple[str, str, int], Timer]:
    workflow = desk.workflows.get(pair[0])
    state = workflow.states.get(pair[1]) if workflow else None
    return {(timer.do, str(timer.after), timer.repeat): timer for timer in (state.timers if state else ())}


def row(timer: Timer, *, ticket_id: int, entered_at: datetime, workflow: str, desk: Desk) -> dict[str, Any]:
    """The row of a timer that counts from `entered_at`, as `after.set_timers` would have written it."""
    due_at = calendars.ends(desk, workflow, entered_at, timer.after)
    return due.entry(ticket_id, "timer", timer.do, due_at, length=str(timer.after), runs_left=timer.repeat)


def is_of(timer: Timer) -> ColumnElement[bool]:
    """The condition that a row runs this timer."""
    return and_(Rows.kind == "timer", Rows.action == timer.do, Rows.length.in_(_spellings(timer.after)))


def _spellings(length: Duration) -> tuple[str, ...]:
    """How a row may say this length; one from before lengths were kept as they are written says it in minutes."""
    return (str(length),) if length.business else (str(length), f"{int(length.delta.total_seconds()) // 60}m")
