"""Choosing a person of a group for a ticket, and remembering what must be remembered. Called by the doors."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.db import insert_unless_there, session
from helpdesk.people.models import Person
from helpdesk.routing.decision import Decision
from helpdesk.routing.models import Rotation
from helpdesk.routing.weighing import route_of, strategy_of, weigh
from helpdesk.tickets.models import Ticket
from helpdesk.workflows.schema import Assign

NOBODY = 0  # had the turn before the first one


@dataclass(frozen=True)
class Choice:
    """The person chosen, if anybody could be, and the record of how."""

    person: Person | None
    decision: Decision


def choose(how: Assign, ticket: Ticket, *, past: str | None = None) -> Choice:
    """Ask the strategy of `how` for a member of its group to have `ticket` in the state it is in now. Part of the
    writing transaction at hand; `past` as `weigh` has it.
    """
    route, strategy = route_of(how), strategy_of(how)
    counts = route is not None and ticket.channel in route.capacity
    turn = _held(how.group or "") if counts or "turn" in strategy.asks else None
    decision = weigh(how, ticket, past=past)
    preferred = bool(decision.preferred) and decision.preferred[-1].taken
    if turn is not None and decision.person_id is not None and "turn" in strategy.asks and not preferred:
        turn.person_id = decision.person_id
    person = session().get_one(Person, decision.person_id) if decision.person_id is not None else None
    return Choice(person, decision)


def _held(group: str) -> Rotation:
    """The group's row, held until the transaction ends: of two choices at once the second sees the first."""
    insert_unless_there(Rotation, group_name=group, person_id=NOBODY)
    return session().get_one(Rotation, group, with_for_update=True, populate_existing=True)
