"""What a change of the desk means for consent: of which tickets it is asked from now on, and where it is asked no more.
Asked by `plan` and by the migration, so that what is said is what is done.

A ticket that comes to a state with `approve`, or stands in one that did not ask before, is asked as if it had arrived
there. A round that is open goes on where its state stays, under whatever name (`rounds`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helpdesk.rollout import counting
from helpdesk.rollout.ways import Pair, Way
from helpdesk.workflows.schema import Approve, Desk


@dataclass(frozen=True)
class Asked:
    """Tickets of `pair`, whose approvers are mailed once they are in `target`."""

    pair: Pair
    target: Pair
    tickets: int


def asked(before: Desk | None, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]) -> tuple[Asked, ...]:
    """Where consent is asked of tickets that are live. What rests in another ticket is not."""
    targets = {
        pair: target
        for pair, target, arrives in places(held, ways)
        if approve_of(after, target) and (arrives or not approve_of(before, pair))
    }
    awake = counting.awake(targets) if targets else {}
    return tuple(Asked(pair, targets[pair], awake[pair]) for pair in targets if awake.get(pair))


def given_up(
    before: Desk | None, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]
) -> tuple[tuple[Pair, Pair], ...]:
    """The states whose tickets stay and are asked no more: as they were called and as they are called now."""
    return tuple(
        (pair, target)
        for pair, target, arrives in places(held, ways)
        if not arrives and approve_of(before, pair) and not approve_of(after, target)
    )


def approve_of(desk: Desk | None, pair: Pair) -> Approve | None:
    """What a desk asks for in a state; None where there is no such state either."""
    workflow = desk.workflows.get(pair[0]) if desk else None
    state = workflow.states.get(pair[1]) if workflow else None
    return state.approve if state else None


def places(held: Mapping[Pair, int], ways: Mapping[Pair, Way]) -> Iterator[tuple[Pair, Pair, bool]]:
    """Where the tickets of each state will be, and whether they arrive there."""
    for pair in held:
        way = ways.get(pair)
        yield pair, way.target if way else pair, way is not None and way.enters
