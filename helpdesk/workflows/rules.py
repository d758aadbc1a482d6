"""What the file says about who may, as questions: what a person counts as, what they see, what is offered, what they
may run.

Asked by `tickets.policy`, which adds the ticket and the person's row. Knows neither: a standing is names of roles and
groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from helpdesk.workflows.schema import Desk


@dataclass(frozen=True)
class Standing:
    """Roles and groups a person counts as, everything included closed over."""

    roles: frozenset[str]
    groups: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """Roles and groups share one namespace."""
        return self.roles | self.groups


class Rules:
    """The rights of one desk. Cheap to ask, as a page does forty times: the same names get the same answer, and what
    does not depend on the person is worked out once.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._standing = lru_cache(maxsize=1024)(self._stand)
        self._sight = lru_cache(maxsize=1024)(self._see)

    def standing(self, roles: Iterable[str], groups: Iterable[str]) -> Standing:
        """Own roles, the roles of the groups, and all roles these include; names the desk no longer knows count for
        nothing.
        """
        return self._standing(frozenset(roles), frozenset(groups))

    def _stand(self, roles: frozenset[str], groups: frozenset[str]) -> Standing:
        known = frozenset(name for name in groups if name in self.desk.groups)
        brought = {role for group in known for role in self.desk.groups[group].roles}
        return Standing(self._closed({*roles, *brought}), known)

    def visible_states(self, standing: Standing) -> frozenset[tuple[str, str]]:
        """The (workflow, state) pairs whose tickets this standing sees."""
        return self._sight(standing)

    def _see(self, standing: Standing) -> frozenset[tuple[str, str]]:
        return frozenset(pair for pair, names in self._seen_by.items() if names is None or names & standing.names)

    def sees(self, standing: Standing, workflow: str, state: str) -> bool:
        """Whether this standing sees tickets there; a state the desk does not know is seen by nobody."""
        names = self._seen_by.get((workflow, state), frozenset())
        return names is None or bool(names & standing.names)

    def offered(self, workflow: str, state: str) -> tuple[str, ...]:
        """The actions of a state in the order of their buttons: its own, then those of `always` unless it is final."""
        return self._offered.get((workflow, state), ())

    def allows(self, standing: Standing, workflow: str, action: str, is_assignee: bool = False) -> bool:
        """Whether `allow` names this standing. Nobody may run an automatic action."""
        spec = self.desk.workflows[workflow].actions[action]
        if spec.automatic:
            return False
        if "everyone" in spec.allow or (is_assignee and "assignee" in spec.allow):
            return True
        return bool(standing.names & set(spec.allow))

    def may(self, standing: Standing, right: str) -> bool:
        """Whether one of the roles has a right that belongs to no state: create, tag, be_assigned, …"""
        return any(right in self.desk.roles[role].may for role in standing.roles)

    def holders(self, names: Iterable[str]) -> frozenset[str]:
        """The roles and groups that count as one of `names`: who has them, or what includes them."""
        return frozenset(holder for name in names for holder in self._holders.get(name, ()))

    def _closed(self, roles: Iterable[str]) -> frozenset[str]:
        return frozenset(counted for role in roles for counted in self._counted.get(role, ()))

    @cached_property
    def _counted(self) -> dict[str, frozenset[str]]:
        """Each role with all that it includes, over any number of steps."""
        return {role: self._included(role) for role in self.desk.roles}

    def _included(self, role: str) -> frozenset[str]:
        counted: set[str] = set()
        waiting = [role]
        while waiting:
            one = waiting.pop()
            if one not in counted:
                counted.add(one)
                waiting += [other for other in self.desk.roles[one].includes if other in self.desk.roles]
        return frozenset(counted)

    @cached_property
    def _holders(self) -> dict[str, set[str]]:
        held: dict[str, set[str]] = {name: {name} for name in (*self.desk.roles, *self.desk.groups)}
        for role in self.desk.roles:
            for counted in self._counted[role]:
                held[counted].add(role)
        for group in self.desk.groups.values():
            for counted in self._closed(group.roles):
                held[counted].add(group.name)
        return held

    @cached_property
    def _seen_by(self) -> dict[tuple[str, str], frozenset[str] | None]:
        """Who sees each state by name; None = all staff."""
        seen: dict[tuple[str, str], frozenset[str] | None] = {}
        for workflow in self.desk.workflows.values():
            for state in workflow.states.values():
                for_all = state.visible_to is None or "everyone" in state.visible_to
                seen[workflow.name, state.name] = None if for_all else frozenset(state.visible_to or ())
        return seen

    @cached_property
    def _offered(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {
            (workflow.name, state.name): tuple(
                dict.fromkeys((*state.actions, *(() if state.final else workflow.always)))
            )
            for workflow in self.desk.workflows.values()
            for state in workflow.states.values()
        }
