"""Bringing live tickets along when another desk comes into force: the one place beside the doors that moves tickets.

Called inside the transaction that activates the desk, while all doors are closed (`revisions.close_doors`), so nobody
comes into a state that goes. The database writes whole sets of rows; each ticket gets an event that names the revision.
No action runs, no mail leaves: a desk that changes its words does not write to ten thousand customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, CursorResult, Select, delete, insert, literal, null, select, update

from helpdesk import clock
from helpdesk.db import UTCDateTime, session
from helpdesk.people.models import Person
from helpdesk.rollout import assignees, timing
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.ways import Pair, Way
from helpdesk.tickets import due, events
from helpdesk.tickets.approvals import Approval
from helpdesk.tickets.models import Event, Ticket, Timer
from helpdesk.workflows.schema import Desk, State
from helpdesk.workflows.schema import Timer as TimerSpec

AT_ONCE = 5_000  # rows that are read and written together
RINGS = 100  # tickets whose open pages are told at once; the others look by themselves


@dataclass
class Carried:
    """What was done to live tickets."""

    moved: int = 0
    cleared: int = 0
    timers_set: int = 0
    timers_gone: int = 0
    rings: list[tuple[int, int]] = field(default_factory=list)


def carry(
    before: Desk | None, after: Desk, revision: int, *, held: Mapping[Pair, int], ways: Mapping[Pair, Way]
) -> Carried:
    """Move the tickets of `ways`, clear assignees who would lose sight, and set the timers as `timing` says."""
    done, now = Carried(), clock.now()
    losing = assignees.cleared(before, after, held, ways) if before else []
    staying = list(timing.staying(before, after, held, ways)) if before else []
    for one in losing:
        _clear(one, revision, now, done)
    for stay in staying:
        for gone in stay.removed:
            done.timers_gone += _rows(session().execute(_timers_of(stay.pair, gone)))
        _add_timers(stay, after, done)
    _move_all(list(ways.values()), before, after, revision, now, done)
    for ticket_id, event_id in done.rings[:RINGS]:
        events.ring(ticket_id, event_id)
    return done


def _move_all(
    ways: Iterable[Way], before: Desk | None, after: Desk, revision: int, now: datetime, done: Carried
) -> None:
    """Two states that change their names with each other would mix, so all leave before any arrives."""
    leaving = [(way, _ids(select(Ticket.id).where(in_any([way.source])))) for way in ways]
    for way, ids in leaving:
        state = after.workflows[way.target[0]].states[way.target[1]]
        for start in range(0, len(ids), AT_ONCE):
            some = Ticket.id.in_(ids[start : start + AT_ONCE])
            _note(some, way, _told(way, before, state), revision, now, done)
            _move(some, way, now)
            _take_approvals(ids[start : start + AT_ONCE], way, now)
        if way.enters:
            _restart_timers(ids, way, after, now, done)
        done.moved += len(ids)


def _move(some: ColumnElement[bool], way: Way, now: datetime) -> None:
    workflow, state = way.target
    moved: dict[str, Any] = {"workflow": workflow, "state": state, "version": Ticket.version + 1, "updated_at": now}
    if way.enters:
        moved["entered_at"] = now
    session().execute(update(Ticket).where(some).values(moved).execution_options(synchronize_session=False))


def _take_approvals(ids: list[int], way: Way, now: datetime) -> None:
    """What was asked goes on under the state's new name; a ticket that left the state asks nobody there any more."""
    asked = update(Approval).where(Approval.ticket_id.in_(ids), Approval.ended_at.is_(None))
    to = {"ended_at": now, "outcome": "left"} if way.enters else {"workflow": way.target[0], "state": way.target[1]}
    session().execute(asked.values(to).execution_options(synchronize_session=False))


def _clear(one: assignees.Cleared, revision: int, now: datetime, done: Carried) -> None:
    """Take the tickets of a person who would not see them any more."""
    person = session().get_one(Person, one.person_id)
    ids = _ids(select(Ticket.id).where(in_any([one.source]), Ticket.assignee_id == one.person_id))
    why = f"{person.shown_name} does not see tickets here any more and was cleared."
    for start in range(0, len(ids), AT_ONCE):
        some = Ticket.id.in_(ids[start : start + AT_ONCE])
        data = {"label": why, "assigned": {"person": "", "group": "", "why": [why]}}
        stays = Way(one.source, one.source, "asked")
        _note(some, stays, data, revision, now, done)
        left = {"assignee_id": None, "version": Ticket.version + 1, "updated_at": now}
        session().execute(update(Ticket).where(some).values(left).execution_options(synchronize_session=False))
    done.cleared += len(ids)


def _note(
    some: ColumnElement[bool], way: Way, data: Mapping[str, Any], revision: int, now: datetime, done: Carried
) -> None:
    """An event for each of these tickets, as it is before it changes."""
    columns = {
        Event.ticket_id: Ticket.id,
        Event.at: literal(now, UTCDateTime),
        Event.kind: literal("moved"),
        Event.workflow: literal(way.target[0]),
        Event.action: null(),
        Event.actor_id: null(),
        Event.actor_kind: literal("system"),
        Event.from_state: literal(way.source[1]),
        Event.to_state: literal(way.target[1]),
        Event.for_customer: literal(False),
        Event.version: Ticket.version + 1,
        Event.revision_id: literal(revision),
        Event.data: literal(dict(data), JSON),
    }
    rows = select(*columns.values()).where(some).order_by(Ticket.id)
    session().execute(insert(Event).from_select([column.key for column in columns], rows))
    if len(done.rings) < RINGS:
        written = select(Event.ticket_id, Event.id).where(
            Event.ticket_id.in_(select(Ticket.id).where(some)), Event.revision_id == revision, Event.kind == "moved"
        )
        done.rings += [(ticket_id, event_id) for ticket_id, event_id in session().execute(written.limit(RINGS))]


def _told(way: Way, before: Desk | None, state: State) -> dict[str, Any]:
    label = "The state has a new name" if way.why == "renamed_from" else "The workflow changed"
    old = (
        before.workflows[way.source[0]].states.get(way.source[1])
        if before and way.source[0] in before.workflows
        else None
    )
    return {"label": f"{label}: {old.label if old else way.source[1]} → {state.label}", "why": way.why}


def _restart_timers(ids: list[int], way: Way, after: Desk, now: datetime, done: Carried) -> None:
    """The tickets came into this state by the change: its timers begin, those they had are gone."""
    workflow, state = way.target
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        old = delete(Timer).where(Timer.ticket_id.in_(some), Timer.kind != "sla")
        done.timers_gone += _rows(session().execute(old))
        for timer in after.workflows[workflow].states[state].timers:
            one = timing.row(timer, ticket_id=0, entered_at=now, workflow=workflow, desk=after)
            due.put([{**one, "ticket_id": each} for each in some])
            done.timers_set += len(some)


def _add_timers(stay: timing.Staying, after: Desk, done: Carried) -> None:
    """Timers that came into the file count from when each ticket came into the state."""
    if not stay.added:
        return
    inside = select(Ticket.id, Ticket.entered_at).where(in_any([stay.pair])).execution_options(yield_per=AT_ONCE)
    for some in session().execute(inside).partitions():
        rows = [
            timing.row(timer, ticket_id=ticket_id, entered_at=entered_at, workflow=stay.target[0], desk=after)
            for ticket_id, entered_at in some
            for timer in stay.added
        ]
        due.put(rows)
        done.timers_set += len(rows)


def _timers_of(pair: Pair, timer: TimerSpec) -> Any:
    inside = select(Ticket.id).where(in_any([pair]))
    return delete(Timer).where(timing.is_of(timer), Timer.ticket_id.in_(inside))


def _ids(query: Select[int]) -> list[int]:
    return list(session().scalars(query.order_by(Ticket.id)))


def _rows(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
