"""Taking back a merge, or the split that made a ticket. All that was put aside is put back, in what the ticket's state
is by now: the file may have changed since.

Called by the door with all tickets held that it touches (`merging.touched`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from helpdesk import clock
from helpdesk.actions import after, asking, promises, resting
from helpdesk.actions.holding import lock
from helpdesk.actions.merging import join, tell
from helpdesk.db import session
from helpdesk.errors import NotPossible
from helpdesk.tickets import events, heard, in_order, merged, policy, state_moves, unread
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Event, Ticket
from helpdesk.tickets.state_moves import Place
from helpdesk.workflows import machine, revisions
from helpdesk.workflows.schema import Action, Assign

NOTHING = "There is nothing here that could be taken back."


def undo(ticket: Ticket, name: str, actor: Actor) -> tuple[Happened, Action]:
    """Take back what `name` did to this ticket: a merge, or the split that made it. Raises NotFound or NotPossible."""
    spec = policy.to_undo(ticket, name, actor)
    if spec.type != undone_by(ticket):
        raise NotPossible(NOTHING)
    ran = session().scalar(in_order.newest(select(Event).where(Event.kind == "ran"), Event, of=ticket.id).limit(1))
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
    for each in (other, ticket):
        heard.parted(each)
    merged.follow_no_more(other.id, before["followers"])
    left, place = ticket.state, _place(ticket, was, since=ran.revision_id or 0)
    _come_back(ticket, place, before)
    assigned = after.assigned(ticket, Assign())
    said = {"undone": ran.id, "from": other.ref, **assigned}
    event = _taken_back(ticket, left, actor, spec, said)
    asking.came_back(ticket, was, before, entered=place.entered)
    if ticket.promised is not None:
        promises.review(ticket)
    tell(other, "parted", actor, spec, ticket)
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
    if not place.entered:
        resting.go_on(ticket, workflow.states[place.state], before)
        return
    ticket.entered_at = clock.now()
    after.set_timers(ticket, workflow.states[place.state])
    resting.begin_anew(ticket, before)


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
