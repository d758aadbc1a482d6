"""What a change of the desk does to rights: for each role and group, and for the customer, which states come into sight
or leave it and which actions are won or lost where. Asked by `plan`. Reads two desks and knows no ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from helpdesk.rollout.ways import Pair, Way
from helpdesk.text.counted import counted
from helpdesk.workflows.rules import Rules, Standing
from helpdesk.workflows.schema import Desk

CUSTOMER, ASSIGNEE = "customer", "assignee"


@dataclass(frozen=True)
class RightChange:
    """What `holder` (a role, a group, `assignee` or `customer`) wins and loses in a state. `sight`: True where they see
    it now, False where no more, None where that stayed.
    """

    holder: str
    workflow: str
    state: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    sight: bool | None = None
    tickets: int = 0  # that stand there

    @property
    def sentence(self) -> str:
        parts = []
        if self.sight is not None:
            parts.append(f"{'now sees' if self.sight else 'no longer sees'} tickets in “{self.state}”")
        if self.gained:
            parts.append(f"may now {_list(self.gained)}")
        if self.lost:
            parts.append(f"may no longer {_list(self.lost)}")
        where = "" if self.sight is not None else f" in “{self.state}”"
        many = f" ({counted(self.tickets)})" if self.tickets else ""
        return f"“{self.holder}” {' and '.join(parts)}{where} of “{self.workflow}”{many}."

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"sentence": self.sentence}


def changed(before: Desk, after: Desk, ways: Mapping[Pair, Way], held: Mapping[Pair, int]) -> tuple[RightChange, ...]:
    """Every right that is not as it was, state by state; a state with a new name is compared with what it was."""
    old, new = Rules(before), Rules(after)
    origins = {way.target: pair for pair, way in ways.items() if not way.enters}
    found = []
    for workflow in after.workflows.values():
        for state in workflow.states:
            here = (workflow.name, state)
            then = origins.get(here, here)
            for holder in holders(after):
                found += [
                    replace(one, tickets=held.get(then, 0)) for one in _compared(holder, (old, then), (new, here))
                ]
    return tuple(found)


def holders(desk: Desk) -> tuple[str, ...]:
    """Everybody who can hold a right, by name."""
    return (*desk.roles, *desk.groups, ASSIGNEE, CUSTOMER)


def rights(rules: Rules, holder: str, pair: Pair) -> frozenset[str]:
    """The actions that this holder may run in a state; for staff those of a state they see."""
    workflow, state = pair
    if workflow not in rules.desk.workflows or state not in rules.desk.workflows[workflow].states:
        return frozenset()
    if holder == CUSTOMER:
        return _of_customer(rules, workflow, state)
    offered = rules.offered(workflow, state)
    if holder == ASSIGNEE:
        actions = rules.desk.workflows[workflow].actions
        return frozenset(name for name in offered if ASSIGNEE in actions[name].allow)
    if not sees(rules, holder, pair):
        return frozenset()
    return frozenset(name for name in offered if rules.allows(_standing(rules, holder), workflow, name))


def sees(rules: Rules, holder: str, pair: Pair) -> bool:
    """Whether this holder sees tickets there."""
    workflow, state = pair
    spec = rules.desk.workflows[workflow].states.get(state) if workflow in rules.desk.workflows else None
    if spec is None:
        return False
    if holder == CUSTOMER:
        return not spec.hidden_from_customer
    known = holder in rules.desk.roles or holder in rules.desk.groups
    return known and rules.sees(_standing(rules, holder), workflow, state)


def _compared(holder: str, old: tuple[Rules, Pair], new: tuple[Rules, Pair]) -> list[RightChange]:
    could, can = rights(old[0], holder, old[1]), rights(new[0], holder, new[1])
    saw, see = (holder != ASSIGNEE and sees(rules, holder, pair) for rules, pair in (old, new))
    if could == can and saw == see:
        return []
    workflow, state = new[1]
    order = list(new[0].desk.workflows[workflow].actions)
    gained = tuple(sorted(can - could, key=order.index))
    return [RightChange(holder, workflow, state, gained, tuple(sorted(could - can)), see if saw != see else None)]


def _of_customer(rules: Rules, workflow: str, state: str) -> frozenset[str]:
    spec = rules.desk.workflows[workflow].states[state]
    if spec.hidden_from_customer:
        return frozenset()
    names = {*rules.offered(workflow, state), *filter(None, [spec.on_message.customer])}
    actions = rules.desk.workflows[workflow].actions
    return frozenset(name for name in names if actions[name].customer in ("run", "own"))


def _standing(rules: Rules, holder: str) -> Standing:
    return rules.standing([holder], []) if holder in rules.desk.roles else rules.standing([], [holder])


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"“{name}”" for name in names)
