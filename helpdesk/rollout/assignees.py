"""Whose tickets leave their sight when the desk changes. Asked by `plan`, which counts them, and by the migration,
which clears them: one judgement for both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.db import session
from helpdesk.people.models import Membership, PersonRole
from helpdesk.rollout import counting
from helpdesk.rollout.differences import same
from helpdesk.rollout.ways import Pair, Way
from helpdesk.workflows.rules import Rules, Standing
from helpdesk.workflows.schema import Desk


@dataclass(frozen=True)
class Cleared:
    """A person who saw their tickets of `source` and would not see them where they are then (`target`)."""

    source: Pair
    target: Pair
    person_id: int
    tickets: int


def cleared(before: Desk, after: Desk, held: Collection[Pair], ways: Mapping[Pair, Way]) -> list[Cleared]:
    """Everybody who would lose tickets. A person who did not see them before keeps them: that is no work of this
    change.
    """
    old, new = Rules(before), Rules(after)
    there = {pair: ways[pair].target if pair in ways else pair for pair in held}
    doubtful = [pair for pair in held if _may_lose(new, there[pair])]
    if not doubtful:
        return []
    counted = counting.by_assignee(doubtful)
    names = _names({person for _, person, _ in counted})
    return [
        Cleared(pair, there[pair], person, tickets)
        for pair, person, tickets in counted
        if _sees(old, names[person], pair) and not _sees(new, names[person], there[pair])
    ]


def without_right(before: Desk, after: Desk, held: Collection[Pair]) -> int:
    """How many tickets stay with people who could be assigned before and cannot after."""
    if same(before.roles, after.roles) and same(before.groups, after.groups):
        return 0
    old, new = Rules(before), Rules(after)
    counted = counting.by_assignee(held)
    names = _names({person for _, person, _ in counted})
    lost = {person for person, its in names.items() if _may(old, its) and not _may(new, its)}
    return sum(tickets for _, person, tickets in counted if person in lost)


Names = tuple[frozenset[str], frozenset[str]]  # a person's own roles and groups


def _may_lose(new: Rules, there: Pair) -> bool:
    """Whether anybody could lose sight by coming there; where all staff see the state, nobody does."""
    spec = new.desk.workflows[there[0]].states.get(there[1]) if there[0] in new.desk.workflows else None
    if spec is None:
        return False
    return not (spec.visible_to is None or "everyone" in spec.visible_to)


def _names(people: Collection[int]) -> dict[int, Names]:
    roles: dict[int, set[str]] = {person: set() for person in people}
    groups: dict[int, set[str]] = {person: set() for person in people}
    asked = sorted(people)
    for start in range(0, len(asked), 500):
        some = asked[start : start + 500]
        for person, role in session().execute(
            select(PersonRole.person_id, PersonRole.role).where(PersonRole.person_id.in_(some))
        ):
            roles[person].add(role)
        for person, group in session().execute(
            select(Membership.person_id, Membership.group).where(Membership.person_id.in_(some))
        ):
            groups[person].add(group)
    return {person: (frozenset(roles[person]), frozenset(groups[person])) for person in people}


def _sees(rules: Rules, names: Names, pair: Pair) -> bool:
    return rules.sees(_standing(rules, names), *pair)


def _may(rules: Rules, names: Names) -> bool:
    return rules.may(_standing(rules, names), "be_assigned")


def _standing(rules: Rules, names: Names) -> Standing:
    return rules.standing(*names)
