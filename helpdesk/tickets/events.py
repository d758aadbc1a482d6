"""The history of a ticket: appended, never changed. Each event names who, what, from where to where, and under which
revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blinker import Signal
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk import clock
from helpdesk.db import after_commit, change, insert, session
from helpdesk.tickets import in_order
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.fields import shown
from helpdesk.tickets.models import Event, Ticket
from helpdesk.tickets.values import Values
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action, Input

# Kinds of events that whoever has an old page should know.
TOLD = ("ran", "filed", "moved", "routed", "voted", "answered", "copied")
changed = Signal()
"""Sent after the commit with `ticket_id` and `event_id`: whoever shows tickets listens (the doorbell)."""


@dataclass(frozen=True)
class Happened:
    """An event that has just been written."""

    id: int
    at: datetime


def append(
    ticket: Ticket,
    *,
    kind: str,
    actor: Actor,
    action: str | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    for_customer: bool = False,
    data: Mapping[str, Any] | None = None,
    workflow: str | None = None,
    touches: bool = True,
) -> Happened:
    """Add an event to the transaction at hand. Gives its id and its moment.

    `workflow`: where it happened, if the ticket has left it by now. `touches`: the ticket changed, so it moves to the
    front of the lists (of its requester's only `for_customer`), and pages drawn before are stale.
    """
    now = clock.now()
    if touches:
        heard = {"heard_at": now} if for_customer else {}
        change(ticket, version=ticket.version + 1, updated_at=now, activity_at=now, **heard)
    event_id = insert(
        Event,
        ticket_id=ticket.id,
        at=now,
        kind=kind,
        action=action,
        actor_id=actor.person_id,
        actor_kind=actor.kind,
        from_state=from_state,
        to_state=to_state,
        for_customer=for_customer,
        version=ticket.version,
        revision_id=revisions.active().id,
        workflow=workflow or ticket.workflow,
        data=dict(data or {}),
    )
    ring(ticket.id, event_id)
    return Happened(event_id, now)


def ring(ticket_id: int, event_id: int) -> None:
    """Tell the world once this is committed. A hint only: nobody relies on hearing it."""
    after_commit(lambda: _tell(ticket_id, event_id))


def _tell(ticket_id: int, event_id: int) -> None:
    changed.send(None, ticket_id=ticket_id, event_id=event_id)


def values_of(spec: Action, inputs: Sequence[Input], values: Values) -> dict[str, Any]:
    """The values of a run as the history keeps them: a label and the value as people read it, for each field that was
    set.
    """
    entered = {**values.kept, **values.noted}
    lines = [
        {
            "name": each.name,
            "label": each.field.said,
            "shown": shown(each.field, entered[each.name]) if entered[each.name] is not None else "",
        }
        for each in inputs
        if each.name in entered
    ]
    return {"label": spec.label, "values": lines} if lines else {"label": spec.label}


def since(ticket: Ticket, version: int) -> list[str]:
    """What happened after the ticket had this version, a sentence each: what a stale page did not show."""
    query = select(Event).where(Event.version > version, Event.kind.in_(TOLD)).options(joinedload(Event.actor))
    return [sentence(event) for event in session().scalars(in_order.oldest(query, Event, of=ticket.id).limit(20))]


def sentence(event: Event) -> str:
    """An event in one line, for people of the house."""
    who = event.actor.shown_name if event.actor else "The desk"
    what = event.data.get("label") or event.action or event.kind
    moved = f" → {event.to_state}" if event.to_state and event.to_state != event.from_state else ""
    return f"{who}: {what}{moved}"
