"""Who of a group should have a ticket, and why: the members, the numbers, whom the entry prefers, the strategy's order.

Reads only, so that whoever explains may ask it of a ticket and a state that are not there yet. The number of questions
does not depend on how many members there are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import func, select

from helpdesk.db import session
from helpdesk.people import absences
from helpdesk.routing import presence
from helpdesk.routing.decision import KEPT, Decision, Preferred, Weighed
from helpdesk.routing.members import Member, members, unfit
from helpdesk.routing.models import Rotation
from helpdesk.routing.preferring import open_states, pointed_at
from helpdesk.routing.strategies.base import Candidate, Rank, Strategy
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.kinds import strategies
from helpdesk.workflows.schema import Assign, Route

NOT_ASKED = 10**6  # where a tier stands that is none


def weigh(how: Assign, ticket: Ticket, *, state: str = "", past: str | None = None) -> Decision:
    """Who of `how.group` gets the ticket in `state` (the one it is in, if empty). Part of the transaction at hand.

    `past`: the tier that has had it in vain; only those after it are asked, and nobody is preferred.
    """
    by = how.by or ""
    route = route_of(how)
    strategy = strategy_of(how)
    listed = members(how.group or "")
    outs = _hindrances(listed, ticket, state or ticket.state)
    fit = [one.id for one in listed if not outs[one.id]]
    candidates = _candidates(listed, fit, how, strategy, ticket)
    outs |= {one.id: _full(one, route, strategy, past) for one in candidates if one.id in fit}
    free = [one for one in candidates if not outs[one.id]]
    ordered = sorted(free, key=lambda one: _rank(one, strategy, route))  # stable: by name among equals
    decision = Decision(
        by=by,
        strategy=route.by if route else by,
        group=how.group or "",
        channel=ticket.channel,
        file=(route or how).at.file,
        line=(route or how).at.line,
        tiers=route.tiers if route else (),
        overflow=past is not None,
    )
    tried, preferred = _prefer(route if past is None else None, ticket, listed, outs)
    chosen = preferred if preferred is not None else ordered[0].id if ordered else None
    weighed = _weighed(ordered, [one for one in candidates if outs[one.id]], outs, strategy)
    kept = tuple(each for number, each in enumerate(weighed) if number < KEPT or each.id == chosen)
    name = next((one.name for one in listed if one.id == chosen), "")
    return replace(
        decision,
        person_id=chosen,
        person=name,
        why=_why(decision, name, tried, weighed),
        preferred=tried,
        members=kept,
        more=len(weighed) - len(kept),
    )


def route_of(how: Assign) -> Route | None:
    """The entry of `routing` that the file names, if it names one."""
    return revisions.active().desk.routing.get(how.by or "")


def strategy_of(how: Assign) -> Strategy:
    """The strategy behind the file's word. Raises UnknownKindError where a package that brought it is gone."""
    route = route_of(how)
    found: Strategy = strategies.get(route.by if route else how.by or "")()
    return found


def tier_place(route: Route | None, strategy: Strategy, tier: int | None) -> int:
    """When a tier is asked: 0 first. Whoever is in none is asked last."""
    if tier is None or route is None:
        return NOT_ASKED
    return len(route.tiers) - 1 - tier if strategy.tiered == "last" else tier


def _hindrances(listed: list[Member], ticket: Ticket, state: str) -> dict[int, str]:
    """What rules each member out whatever the numbers: their rights, or that they are not there."""
    outs = {one.id: unfit(one.standing, workflow=ticket.workflow, state=state) for one in listed}
    back = absences.away([person for person, hindrance in outs.items() if not hindrance])
    return outs | {person: f"is away until {at:%Y-%m-%d %H:%M} UTC" for person, at in back.items()}


def _candidates(
    listed: list[Member], fit: list[int], how: Assign, strategy: Strategy, ticket: Ticket
) -> list[Candidate]:
    """The members with the numbers that this choice looks at."""
    route = route_of(how)
    limit = route.capacity.get(ticket.channel) if route else None
    load = _load(fit, ticket) if "load" in strategy.asks or limit is not None else {}
    turns = _turns(listed, how.group or "") if "turn" in strategy.asks else {}
    work = presence.at_work(fit) if "work" in strategy.asks else {}
    tiers = {name: place for place, name in enumerate(route.tiers)} if route else {}
    return [
        Candidate(
            id=one.id,
            name=one.name,
            open=load.get(one.id, (0, 0))[0],
            busy=load.get(one.id, (0, 0))[1],
            capacity=limit,
            turn=turns.get(one.id, 0),
            presence=work[one.id].presence if one.id in work else "away",
            worked_at=work[one.id].worked_at if one.id in work else None,
            tier=tiers.get(one.tier),
            tier_name=one.tier,
        )
        for one in listed
    ]


def _load(people: Collection[int], ticket: Ticket) -> dict[int, tuple[int, int]]:
    """How many other open tickets each has, and how many of them came by this ticket's channel."""
    of_channel = func.count().filter(Ticket.channel == ticket.channel)
    query = (
        select(Ticket.assignee_id, func.count(), of_channel)
        .where(Ticket.assignee_id.in_(people), policy.in_states(open_states()), Ticket.id != ticket.id)
        .where(Ticket.merged_into_id.is_(None))
        .group_by(Ticket.assignee_id)
    )
    return {person: (all_, there) for person, all_, there in session().execute(query) if person is not None}


def _turns(listed: list[Member], group: str) -> dict[int, int]:
    """In how many turns each comes, counted from whoever had it last; the first by name where nobody had."""
    last = session().scalar(select(Rotation.person_id).where(Rotation.group == group))
    ids = [one.id for one in listed]
    start = ids.index(last) + 1 if last in ids else 0
    return {person: turn for turn, person in enumerate([*ids[start:], *ids[:start]])}


def _full(one: Candidate, route: Route | None, strategy: Strategy, past: str | None) -> str:
    """What rules out somebody who could have the ticket by right."""
    if one.free is not None and one.free <= 0:
        return f"has {one.busy} of at most {one.capacity}"
    if past is not None and route is not None:
        before = route.tiers.index(past) if past in route.tiers else None
        if tier_place(route, strategy, one.tier) <= tier_place(route, strategy, before):
            return "their tier was asked before"
    return ""


def _rank(one: Candidate, strategy: Strategy, route: Route | None) -> Rank:
    return (tier_place(route, strategy, one.tier), *strategy.rank(one))


def _prefer(
    route: Route | None, ticket: Ticket, listed: list[Member], outs: dict[int, str]
) -> tuple[tuple[Preferred, ...], int | None]:
    """Whom the entry prefers, each with what came of it, and the first who can have the ticket."""
    tried: list[Preferred] = []
    names = {one.id for one in listed}
    for word in route.prefer if route else ():
        people = pointed_at(word, ticket)
        if not people:
            tried.append(Preferred(word=word, says="there is nobody"))
        for one in people:
            hindrance = outs[one.id] if one.id in names else "is not in the group"
            says = f"{one.name} {one.why}, but {hindrance}" if hindrance else f"{one.name} {one.why}"
            tried.append(Preferred(word=word, says=says, person=one.name, taken=not hindrance))
            if not hindrance:
                return tuple(tried), one.id
    return tuple(tried), None


def _weighed(
    ordered: list[Candidate], others: list[Candidate], outs: dict[int, str], strategy: Strategy
) -> tuple[Weighed, ...]:
    there = [_line(one, strategy, place=place) for place, one in enumerate(ordered, 1)]
    return (*there, *(_line(one, strategy, out=outs[one.id]) for one in others))


def _line(one: Candidate, strategy: Strategy, *, place: int | None = None, out: str = "") -> Weighed:
    return Weighed(
        id=one.id,
        name=one.name,
        place=place,
        says="" if out else strategy.says(one),
        out=out,
        tier=one.tier_name,
        open=one.open if "load" in strategy.asks and not out else None,
        busy=one.busy if one.capacity is not None else None,
        capacity=one.capacity,
    )


def _why(decision: Decision, name: str, tried: tuple[Preferred, ...], weighed: tuple[Weighed, ...]) -> str:
    """The decision in one sentence."""
    if tried and tried[-1].taken:
        return f"{tried[-1].says}."
    if not name:
        if not weighed:
            return f"Nobody is in {decision.group}."
        return f"Nobody of {decision.group} can have it: {weighed[0].name} {weighed[0].out}" + (
            "." if len(weighed) == 1 else f", and {len(weighed) - 1} more."
        )
    tier = f" of {weighed[0].tier}" if decision.tiers and weighed[0].tier in decision.tiers else ""
    return f"{name} comes first{tier} by {decision.strategy}: {weighed[0].says}."
