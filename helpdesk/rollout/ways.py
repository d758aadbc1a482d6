"""Where the tickets of each state go when the desk changes: by `renamed_from`, by `move_to`, by what the administrator
says, or nowhere (then they would be stranded). Asked by `plan` and `apply`. Reads desks and names of states; knows no
row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from helpdesk.errors import Invalid
from helpdesk.workflows.schema import Desk

Pair = tuple[str, str]  # names of a workflow and a state of it
Why = Literal["renamed_from", "move_to", "asked"]
Moves = Mapping[Pair, str]
"""What an administrator says: for a state that goes, the state its tickets come into. Where the whole workflow goes,
`workflow.state`."""


@dataclass(frozen=True)
class Way:
    """Tickets of `source` come into `target`. A state that only changed its name is not entered anew."""

    source: Pair
    target: Pair
    why: Why

    @property
    def enters(self) -> bool:
        return self.why != "renamed_from"


def stranded(held: Collection[Pair], after: Desk, moves: Moves | None = None) -> list[Pair]:
    """Those of `held` that `after` neither knows nor has a way for."""
    known = ways(held, after, moves)
    return [pair for pair in held if pair not in known and not _is_there(pair, after)]


def ways(held: Collection[Pair], after: Desk, moves: Moves | None = None) -> dict[Pair, Way]:
    """The way of each pair of `held` whose tickets do not stay. Raises Invalid where `moves` names no state."""
    asked = {pair: _asked(pair, target, after) for pair, target in (moves or {}).items()}
    found: dict[Pair, Way] = {}
    for pair in held:
        if way := _first(pair, after, asked):
            target = _end(way.target, after)
            if target != pair:
                found[pair] = way if target == way.target else Way(pair, target, "move_to")
    return found


def all_of(desk: Desk) -> list[Pair]:
    """Every state there is."""
    return [(workflow.name, state) for workflow in desk.workflows.values() for state in workflow.states]


def _first(pair: Pair, after: Desk, asked: Mapping[Pair, Pair]) -> Way | None:
    workflow, state = pair
    if _is_there(pair, after):
        leaves = after.workflows[workflow].states[state].move_to
        return Way(pair, (workflow, leaves), "move_to") if leaves else None
    if pair in asked:
        return Way(pair, asked[pair], "asked")
    for new in after.workflows[workflow].states.values() if workflow in after.workflows else ():
        if new.renamed_from == state:
            return Way(pair, (workflow, new.name), "renamed_from")
    return None


def _end(target: Pair, after: Desk) -> Pair:
    """Where a way ends: a state that itself goes hands its tickets on; two that name each other end at the first."""
    passed: list[Pair] = []
    while target not in passed and (leaves := after.workflows[target[0]].states[target[1]].move_to):
        passed.append(target)
        target = (target[0], leaves)
    return target


def _asked(pair: Pair, target: str, after: Desk) -> Pair:
    workflow, state = target.split(".", 1) if "." in target else (pair[0], target)
    if not _is_there((workflow, state), after):
        raise Invalid({"moves": f"There is no state “{state}” in “{workflow}” for the tickets of “{pair[1]}”."})
    return (workflow, state)


def _is_there(pair: Pair, after: Desk) -> bool:
    return pair[0] in after.workflows and pair[1] in after.workflows[pair[0]].states
