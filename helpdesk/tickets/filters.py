"""The lists a member of the staff may look at: the built-in filters, and one for each state they see.

A filter is a set of walks. A walk is one state's tickets, perhaps only some of them, in the order of one index; so
a list is never sorted as a whole, and costs the same at ten thousand tickets and at a million. `queue` walks them.
Asked by the desk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.workflows import revisions
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk, State

OPEN = "open"
DUE = "due"
UNREAD = "unread"

Only = Literal["", "mine", "group", "unassigned"]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Walk:
    """The tickets of one state, newest first; `only` a person's own, a group's, or nobody's."""

    workflow: str
    state: str
    only: Only = ""
    group: str = ""


@dataclass(frozen=True)
class Filter:
    """A list as it stands in the sidebar. `state`: the single one it shows. `unread` goes by the person's own marks,
    `due` by what customers were promised: the soonest first.
    """

    key: str
    walks: tuple[Walk, ...]
    state: State | None = None

    @property
    def states(self) -> frozenset[Pair]:
        """The states its walks lead through."""
        return frozenset((walk.workflow, walk.state) for walk in self.walks)


def for_person(person: Person) -> tuple[Filter, ...]:
    """Every filter this member of the staff has, in the sidebar's order: the built-in ones, then the states."""
    rules, groups = revisions.active().rules, policy.standing_of(person).groups
    return _of(rules, policy.visible_states(person), groups)


@lru_cache(maxsize=512)
def _of(rules: Rules, visible: frozenset[Pair], groups: frozenset[str]) -> tuple[Filter, ...]:
    """The filters of whoever sees these states and is in these groups: the same for many, and each page asks."""
    seen = _in_order(rules.desk, visible)
    working = [(pair, state) for pair, state in seen if not state.final]
    of_groups = (_walks(working, only="group", group=group) for group in sorted(groups))
    promised = [(pair, state) for pair, state in working if rules.desk.workflows[pair[0]].sla]
    built_in = (
        Filter(OPEN, _walks(working)),
        *([Filter(DUE, _walks(promised))] if promised else []),
        Filter("mine", _walks(working, only="mine")),
        Filter("groups", tuple(walk for walks in of_groups for walk in walks)),
        Filter("unassigned", _walks(working, only="unassigned")),
        Filter(UNREAD, _walks(seen)),
        Filter("all", _walks(seen)),
    )
    return built_in + tuple(Filter(state_key(*pair), _walks([(pair, state)]), state) for pair, state in seen)


def find(person: Person, key: str) -> Filter:
    """The filter of this name. A state the person does not see has none: NotFound, as for a name that means nothing."""
    for each in for_person(person):
        if each.key == key:
            return each
    raise NotFound("There is no such list.")


def state_key(workflow: str, state: str) -> str:
    """The name of a state's own filter."""
    return f"state:{workflow}.{state}"


def _in_order(desk: Desk, visible: frozenset[Pair]) -> list[tuple[Pair, State]]:
    """The visible states as the file has them, the final ones last."""
    workflows = desk.workflows.values()
    states = [((w.name, s.name), s) for w in workflows for s in w.states.values() if (w.name, s.name) in visible]
    return sorted(states, key=lambda each: each[1].final)


def _walks(pairs: Iterable[tuple[Pair, State]], *, only: Only = "", group: str = "") -> tuple[Walk, ...]:
    return tuple(Walk(workflow, state, only, group) for (workflow, state), _ in pairs)
