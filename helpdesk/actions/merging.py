"""Merging a ticket into another one, and taking that back. Nothing is moved or deleted: the ticket is marked, its
clocks are put aside, and its history says what there was, so that all of it can be put back.

All tickets it touches are held, always in the order of their numbers (`touched`), so that merges that cross end one
after the other: the second finds a merged ticket and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import aliased

from helpdesk import clock
from helpdesk.actions import after, approving, promises
from helpdesk.actions.holding import lock
from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.errors import Invalid, NotPossible
from helpdesk.tickets import due, events, merged, policy, state_moves, unread
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Event, Ticket, Timer
from helpdesk.tickets.state_moves import Place
from helpdesk.workflows import machine, revisions
from helpdesk.workflows.schema import Action, Assign

INTO, UNDO = "into_ticket", "undo_this"
_ORIGIN = aliased(Ticket)
LINKED = (
    select(Ticket.merged_into_id, Ticket.split_from_id, _ORIGIN.merged_into_id)
    .outerjoin(_ORIGIN, _ORIGIN.id == Ticket.split_from_id)
    .where(Ticket.id == bindparam("ticket"))
)
NO_SUCH = "There is no such ticket."
NOTHING = "There is nothing here that could be taken back."


def touched(ticket_id: int, values: Mapping[str, Any]) -> set[int]:
    """The tickets a run with these values changes, if it is more than its own: the one that stays, and those that a
    merged one brings along.
    """
    if INTO in values and (found := _named(values[INTO])):
        return {ticket_id, found.id, *merged.under(ticket_id)}
    if UNDO not in values:
        return set()
    rows = session().execute(LINKED, {"ticket": ticket_id}).all()
    linked = {each for row in rows for each in row if each}
    return {ticket_id, *linked, *(each for some in (ticket_id, *linked) for each in merged.under(some))}


def merge(run: Run) -> None:
    """Put the run's ticket into the one it names. Raises Invalid."""
    other = _named(run.values[INTO])
    if other is None or not policy.in_sight(other, run.actor):
        raise Invalid({INTO: NO_SUCH})
    other = lock(other.id)
    if why := _not_into(run.ticket, other):
        raise Invalid({INTO: why})
    run.data["merge"] = join(run.ticket, other, run.actor, run.spec)


def join(ticket: Ticket, other: Ticket, actor: Actor, spec: Action) -> dict[str, Any]:
    """Mark the ticket as part of the other one. Gives what taking it back needs."""
    before: dict[str, Any] = {
        "into": other.id,
        "ref": other.ref,
        "state": ticket.state,
        "at": clock.now().isoformat(),
        "entered_at": ticket.entered_at.isoformat(),
        "due": _put_aside(ticket),
        "brought": merged.under(ticket.id),
        "followers": merged.follow_too(ticket.id, other.id),
    }
    ticket.merged_into_id = other.id
    merged.put([ticket.id, *before["brought"]], other.id)
    unread.clear_all(ticket.id)
    if ticket.promised is not None:
        promises.review(ticket)
    _tell(other, "joined", actor, spec, ticket)
    return before


def undo(ticket: Ticket, name: str, actor: Actor) -> tuple[Happened, Action]:
    """Take back what `name` did to this ticket: a merge, or the split that made it. Raises NotFound or NotPossible."""
    spec = policy.to_undo(ticket, name, actor)
    if spec.type != undone_by(ticket):
        raise NotPossible(NOTHING)
    ran = session().scalar(
        select(Event).where(Event.ticket_id == ticket.id, Event.kind == "ran").order_by(Event.id.desc()).limit(1)
    )
    if ticket.merged_into_id is not None:
        if ran is None or "merge" not in ran.data:
            raise NotPossible(NOTHING)
        return _part(ticket, ran, actor, spec), spec
    origin = merged.stays(session().get_one(Ticket, ticket.split_from_id))
    return _back_into(ticket, lock(origin.id), actor, spec), spec


def undone_by(ticket: Ticket) -> str:
    """The type of action that can be taken back on this ticket now; empty if there is none. A split that was taken back
    ends as a ticket merged into where it came from.
    """
    if ticket.merged_into_id is not None:
        return "split" if ticket.merged_into_id == ticket.split_from_id else "merge"
    return "split" if ticket.split_from_id is not None else ""


def _part(ticket: Ticket, ran: Event, actor: Actor, spec: Action) -> Happened:
    """The ticket stands alone again, as it was, or as it would be by the changes of the desk since."""
    before, other = ran.data["merge"], lock(ticket.merged_into_id or 0)
    was = (ran.workflow or ticket.workflow, str(before["state"]))
    still_there = set(merged.under(other.id))
    brought = [each for each in before["brought"] if each in still_there]
    ticket.merged_into_id = None
    merged.put([ticket.id], None)
    merged.put(brought, ticket.id)
    merged.follow_no_more(other.id, before["followers"])
    left, place = ticket.state, _place(ticket, was, since=ran.revision_id or 0)
    _come_back(ticket, place, before)
    assigned = after.assigned(ticket, Assign())
    said = {"undone": ran.id, "from": other.ref, **assigned}
    event = _taken_back(ticket, left, actor, spec, said)
    approving.came_back(ticket, was, entered=place.entered)
    if ticket.promised is not None:
        promises.review(ticket)
    _tell(other, "parted", actor, spec, ticket)
    unread.mark(ticket, except_for=actor.person_id)
    return event


def _place(ticket: Ticket, was: tuple[str, str], *, since: int) -> Place:
    """Where the ticket stands again: the state it was in, by the name it has now, or where its tickets went. A state
    that is gone without a trace has its tickets begin anew.
    """
    place, workflows = state_moves.followed(*was, since=since), revisions.active().desk.workflows
    if place.workflow in workflows and place.state in workflows[place.workflow].states:
        return place
    return Place(ticket.workflow, workflows[ticket.workflow].initial, entered=True)


def _come_back(ticket: Ticket, place: Place, before: Mapping[str, Any]) -> None:
    """Into this state, with the clocks that were put aside; where it arrives anew with those of the state."""
    workflow = revisions.active().desk.workflows[place.workflow]
    ticket.workflow = workflow.name
    if ticket.state != place.state:
        machine.put_back(workflow, ticket, place.state)
    put_aside = _going_on(ticket, before)
    if not place.entered:
        if "entered_at" in before:  # not of those that were merged before this was noted
            ticket.entered_at = datetime.fromisoformat(before["entered_at"])
        due.put(put_aside)
        return
    ticket.entered_at = clock.now()
    after.set_timers(ticket, workflow.states[place.state])
    due.put([row for row in put_aside if row["kind"] not in due.OF_A_STATE])


def _back_into(ticket: Ticket, origin: Ticket, actor: Actor, spec: Action) -> Happened:
    """A ticket that was split off goes back to where it came from: it ends as one that was merged into it."""
    if origin.id == ticket.id:
        raise NotPossible(NOTHING)
    return _taken_back(
        ticket, ticket.state, actor, spec, {"merge": join(ticket, origin, actor, spec), "into": origin.ref}
    )


def _taken_back(ticket: Ticket, left: str, actor: Actor, spec: Action, said: dict[str, Any]) -> Happened:
    return events.append(
        ticket,
        kind="ran",
        action=spec.name,
        actor=actor,
        from_state=left,
        to_state=ticket.state,
        data={"label": spec.label, "taken_back": True, **said},
    )


def _tell(other: Ticket, kind: str, actor: Actor, spec: Action, ticket: Ticket) -> None:
    """The ticket that stays has a line of its own, and whom it concerns hears of it."""
    events.append(other, kind=kind, actor=actor, data={"label": spec.label, "ref": ticket.ref})
    unread.mark(other, except_for=actor.person_id)


def _not_into(ticket: Ticket, other: Ticket) -> str:
    """Why these two are not put together; empty if they may be."""
    if other.id == ticket.id:
        return "A ticket cannot be merged into itself."
    if other.merged_into_id is not None:
        return f"{other.ref} was merged itself. Name the ticket it went into."
    if other.requester_id != ticket.requester_id:  # what one customer wrote is never shown to another (attack 52)
        return f"{other.ref} was asked by somebody else. Only tickets of one requester can be merged."
    return ""


def _put_aside(ticket: Ticket) -> list[dict[str, Any]]:
    """The ticket's clocks, as the history keeps them; they are stopped. Those of a service level stop by themselves."""
    session().flush()
    theirs = select(Timer).where(Timer.ticket_id == ticket.id, Timer.kind != "sla").order_by(Timer.id)
    rows = session().scalars(theirs).all()
    kept = [
        {
            "kind": row.kind,
            "action": row.action,
            "due_at": row.due_at.isoformat(),
            "length": row.length,
            "runs_left": row.runs_left,
        }
        for row in rows
    ]
    for row in rows:
        session().delete(row)
    session().flush()
    return kept


def _going_on(ticket: Ticket, before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The clocks that were put aside, later by the time they stood still."""
    stood_still = clock.now() - datetime.fromisoformat(before["at"])
    return [
        due.entry(
            ticket.id,
            row["kind"],
            row["action"],
            datetime.fromisoformat(row["due_at"]) + stood_still,
            length=row["length"],
            runs_left=row["runs_left"],
        )
        for row in before["due"]
    ]


def _named(text: Any) -> Ticket | None:
    """The ticket somebody means by its name or its number."""
    name = str(text).strip().lstrip("#")
    if not name or "\0" in name:
        return None
    by_number = [Ticket.id == int(name)] if name.isdecimal() and len(name) < 10 else []
    return session().scalar(select(Ticket).where(or_(Ticket.ref.in_({name, name.upper()}), *by_number)).limit(1))
