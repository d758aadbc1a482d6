"""A ticket that nobody touches goes on to the next tier: the clock for it. It is set where a decision is kept, and
`timers.passed_on` runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpdesk.routing.decision import Decision, from_data
from helpdesk.routing.weighing import strategy_of, tier_place
from helpdesk.tickets import due
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import calendars, revisions
from helpdesk.workflows.schema import Assign

KIND = "overflow"
TRIED = 10  # times a ticket is offered to the next tiers while nobody there is free


def watch(ticket: Ticket, assigned: Mapping[str, Any], *, event_id: int, at: datetime) -> None:
    """An event kept this `assigned`: if it was a decision by tiers its clock begins. Most are none and cost nothing."""
    data = assigned.get("decision")
    if not data:
        return
    decision = from_data(data)
    how = asked_again(decision)
    if how is None or decision.person_id is None or not goes_on(decision, how):
        return
    desk = revisions.active().desk
    after = desk.routing[decision.by].overflow_after
    if after is not None:
        due_at = calendars.ends(desk, ticket.workflow, at, after)
        due.stop(ticket.id, KIND)
        due.put([due.entry(ticket.id, KIND, str(event_id), due_at, length=str(after), runs_left=TRIED)])


def asked_again(decision: Decision) -> Assign | None:
    """The same question for the file in force; None where that has no such entry with tiers any more."""
    route = revisions.active().desk.routing.get(decision.by)
    if route is None or not route.tiers or decision.group not in revisions.active().desk.groups:
        return None
    return Assign(how="group", group=decision.group, by=decision.by, at=route.at)


def tier_of(decision: Decision) -> str:
    """The tier of whoever was chosen."""
    return next((one.tier for one in decision.members if one.id == decision.person_id), "")


def goes_on(decision: Decision, how: Assign) -> bool:
    """Whether somebody could still be asked after the one who was chosen."""
    route = revisions.active().desk.routing[how.by or ""]
    tier = tier_of(decision)
    mine = route.tiers.index(tier) if tier in route.tiers else None
    strategy = strategy_of(how)
    asked = tier_place(route, strategy, mine)
    return asked < tier_place(route, strategy, None)
