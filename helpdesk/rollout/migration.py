"""Bringing live tickets along when another desk comes into force: the one place beside the doors that moves tickets.

Called inside the transaction that activates the desk, while all doors are closed (`in_force.close_doors`), so nobody
comes into a state that goes. The database writes whole sets of rows; each ticket gets an event that names the revision.
No action runs, and no customer is written to: a desk that changes its words does not mail ten thousand of them. What
has to be done ticket by ticket is left to the worker (`afterwards`, `reckoning`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, insert, literal, null, select, update

from helpdesk import clock
from helpdesk.db import UTCDateTime, session
from helpdesk.people.models import Person
from helpdesk.rollout import afterwards, assignees, clocks, consent, promising, reckoning, rounds, timing
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.ways import Pair, Way
from helpdesk.tickets import events, state_moves
from helpdesk.tickets.models import Event, Ticket
from helpdesk.tickets.state_moves import Place
from helpdesk.workflows.schema import Desk, State

RINGS = 100  # tickets whose open pages are told at once; the others look by themselves


@dataclass
class Carried:
    """What was done to live tickets."""

    moved: int = 0
    cleared: int = 0
    timers_set: int = 0
    timers_gone: int = 0
    to_ask: int = 0
    waiting: int = 0  # for consent, and asked otherwise now
    reckoned: tuple[str, ...] = ()  # workflows
    rings: list[tuple[int, int]] = field(default_factory=list)

    def count(self, timers_set: int, timers_gone: int) -> None:
        self.timers_set += timers_set
        self.timers_gone += timers_gone


def carry(
    before: Desk | None,
    after: Desk,
    revision: int,
    *,
    held: Mapping[Pair, int],
    ways: Mapping[Pair, Way],
    gone: Mapping[Pair, Way],
) -> Carried:
    """Move the tickets of `ways`, clear assignees who would lose sight, set the clocks as `timing` says, and ask where
    `consent` is waited for. `gone`: the way of every state that goes, for whatever remembers it.
    """
    done, now = Carried(), clock.now()
    done.to_ask = sum(each.tickets for each in consent.asked(before, after, held, ways))
    asked_otherwise = rounds.changed(before, after, held, ways)
    done.waiting = sum(rounds.waiting(each) for each in asked_otherwise)
    for one in assignees.cleared(before, after, held, ways) if before else ():
        _clear(one, revision, now, done)
    for stay in timing.staying(before, after, held, ways) if before else ():
        done.count(*clocks.change(stay, after))
    _move_all(list(ways.values()), before, after, revision, now, done)
    for _, state in consent.given_up(before, after, held, ways):
        clocks.give_up_approvals(state, now)
    for each in asked_otherwise:
        if each.has_other_time:
            rounds.set_time(each, after)
    if others := {each.target for each in asked_otherwise if each.asks_others}:
        afterwards.review_rounds(others, revision)
    if before:
        if states := promising.turned(before, after, held, ways):
            reckoning.turn_promises(states, revision)
        done.reckoned = promising.changed(before, after)
    for workflow in done.reckoned:
        reckoning.reckon_promises(workflow, revision)
    if done.to_ask:
        afterwards.ask_for_consent(revision)
    state_moves.note(revision, {pair: Place(*way.target, way.enters) for pair, way in gone.items()})
    for ticket_id, event_id in done.rings[:RINGS]:
        events.ring(ticket_id, event_id)
    return done


def _move_all(
    ways: Iterable[Way], before: Desk | None, after: Desk, revision: int, now: datetime, done: Carried
) -> None:
    """Tickets may come where others leave, so all that leave are known before any arrives."""
    leaving = [(way, _ids(select(Ticket.id).where(in_any([way.source])))) for way in ways]
    for way, ids in leaving:
        told = _told(way, before, after.workflows[way.target[0]].states[way.target[1]])
        for some in clocks.in_parts(ids):
            _note(Ticket.id.in_(some), way, told, revision, now, done)
            _move(Ticket.id.in_(some), way, now)
        clocks.take_approvals(ids, way, now)
        if way.enters:
            done.count(*clocks.restart(ids, way, after, now))
        done.moved += len(ids)


def _move(some: ColumnElement[bool], way: Way, now: datetime) -> None:
    workflow, state = way.target
    moved: dict[str, Any] = {"workflow": workflow, "state": state, "version": Ticket.version + 1, "updated_at": now}
    if way.enters:
        moved["entered_at"] = now
    session().execute(update(Ticket).where(some).values(moved).execution_options(synchronize_session=False))


def _clear(one: assignees.Cleared, revision: int, now: datetime, done: Carried) -> None:
    """Take the tickets of a person who would not see them any more; their groups keep them."""
    person = session().get_one(Person, one.person_id)
    why = f"{person.shown_name} does not see tickets here any more and was cleared."
    theirs = (in_any([one.source]), Ticket.assignee_id == one.person_id)
    for group in session().scalars(select(Ticket.group).where(*theirs).distinct()).all():
        ids = _ids(select(Ticket.id).where(*theirs, Ticket.group.is_not_distinct_from(group)))
        data = {"label": why, "assigned": {"person": "", "group": group or "", "why": [why]}}
        for part in clocks.in_parts(ids):
            some = Ticket.id.in_(part)
            _note(some, Way(one.source, one.source, "asked"), data, revision, now, done)
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


def _ids(query: Select[int]) -> list[int]:
    return list(session().scalars(query.order_by(Ticket.id)))
