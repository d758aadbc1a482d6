"""Merging a ticket into another one. Nothing is moved or deleted: the ticket is marked, its clocks are put aside, and
its history says what there was, so that all of it can be put back (`parting`).

All tickets it touches are held, always in the order of their numbers (`touched`), so that merges that cross end one
after the other: the second finds a merged ticket and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import aliased

from helpdesk.actions import promises, resting
from helpdesk.actions.holding import lock
from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.tickets import events, heard, merged, policy, unread
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Ticket
from helpdesk.workflows.schema import Action

INTO, UNDO = "into_ticket", "undo_this"
_ORIGIN = aliased(Ticket)
LINKED = (
    select(Ticket.merged_into_id, Ticket.split_from_id, _ORIGIN.merged_into_id)
    .outerjoin(_ORIGIN, _ORIGIN.id == Ticket.split_from_id)
    .where(Ticket.id == bindparam("ticket"))
)
NO_SUCH = "There is no such ticket."


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
        **resting.put_aside(ticket),
        "brought": merged.under(ticket.id),
        "followers": merged.follow_too(ticket.id, other.id),
    }
    ticket.merged_into_id = other.id
    heard.joined(ticket, other)
    merged.put([ticket.id, *before["brought"]], other.id)
    unread.clear_all(ticket.id)
    if ticket.promised is not None:
        promises.review(ticket)
    tell(other, "joined", actor, spec, ticket)
    return before


def tell(other: Ticket, kind: str, actor: Actor, spec: Action, ticket: Ticket) -> None:
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


def _named(text: Any) -> Ticket | None:
    """The ticket somebody means by its name or its number."""
    name = str(text).strip().lstrip("#")
    if not name or "\0" in name:
        return None
    by_number = [Ticket.id == int(name)] if name.isdecimal() and len(name) < 10 else []
    return session().scalar(select(Ticket).where(or_(Ticket.ref.in_({name, name.upper()}), *by_number)).limit(1))
