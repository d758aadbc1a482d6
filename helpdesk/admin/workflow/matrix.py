"""Who may do what, worked out from the rules: a row for each state and for each action it offers, a cell for each role,
group and the customer (N11). Of a draft, each cell says what it was in the desk in force. Asked by `rights`; knows no
page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Action, Desk, State, Workflow

CUSTOMER = "customer"
May = Literal["yes", "assignee", "see", "no"]
Change = Literal["", "more", "less", "other"]
Wanted = Callable[[str, str, str], bool]  # state or action, its name, its label


@dataclass(frozen=True)
class Column:
    """Somebody the file can name."""

    name: str
    label: str
    kind: Literal["role", "group", "customer"]


@dataclass(frozen=True)
class Cell:
    """`assignee`: only with the ticket in hand; `see`: the customer reads of it and cannot run it."""

    may: May
    was: May

    @property
    def change(self) -> Change:
        if self.may == self.was:
            return ""
        return "more" if self.was == "no" else "less" if self.may == "no" else "other"


@dataclass(frozen=True)
class Row:
    """A state (`action` is None: who sees its tickets), or an action offered in it."""

    state: State
    action: Action | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Side:
    """A desk that is asked; what it does not know is a no."""

    desk: Desk
    rules: Rules

    def may(self, workflow: str, state: str, action: str | None, who: Column) -> May:
        """Without an action: whether tickets of the state are seen."""
        known = self.desk.workflows.get(workflow)
        there = known.states.get(state) if known else None
        if known is None or there is None or (action is not None and action not in self.offered(workflow, state)):
            return "no"
        if who.kind == CUSTOMER:
            return _customer(known, there, action)
        if who.name not in (self.desk.roles if who.kind == "role" else self.desk.groups):
            return "no"
        standing = self.rules.standing(*(([who.name], []) if who.kind == "role" else ([], [who.name])))
        if not self.rules.sees(standing, workflow, state):
            return "no"
        if action is None:
            return "yes"
        if self.rules.allows(standing, workflow, action):
            return "assignee" if known.actions[action].only_assignee else "yes"
        return "assignee" if self.rules.allows(standing, workflow, action, is_assignee=True) else "no"

    def offered(self, workflow: str, state: str) -> list[str]:
        """The actions of a state in the order of their buttons, with the one that a customer's message runs."""
        known = self.desk.workflows.get(workflow)
        there = known.states.get(state) if known else None
        if known is None or there is None:
            return []
        names = (*self.rules.offered(workflow, state), there.on_message.customer or "")
        return [name for name in dict.fromkeys(names) if name in known.actions]


def columns(desk: Desk) -> list[Column]:
    roles = [Column(role.name, role.label, "role") for role in desk.roles.values()]
    groups = [Column(group.name, group.label, "group") for group in desk.groups.values()]
    return [*roles, *groups, Column(CUSTOMER, "", "customer")]


def rows(now: Side, was: Side, workflow: str, people: Iterable[Column], wanted: Wanted) -> list[Row]:
    """The table of a workflow. What only `was` has stands in it as well: a button that goes is a change."""
    found = []
    for state in _states(now, was, workflow):
        if not wanted("state", state.name, state.label):
            continue
        offered = dict.fromkeys([*now.offered(workflow, state.name), *was.offered(workflow, state.name)])
        for name in (None, *offered):
            action = _action(now, was, workflow, name)
            if action is not None and not wanted("action", action.name, action.label):
                continue
            asked = (workflow, state.name, name)
            found.append(Row(state, action, tuple(Cell(now.may(*asked, who), was.may(*asked, who)) for who in people)))
    return found


def _states(now: Side, was: Side, workflow: str) -> list[State]:
    both = [side.desk.workflows[workflow].states for side in (was, now) if workflow in side.desk.workflows]
    merged = {name: state for states in both for name, state in states.items()}
    order = dict.fromkeys([*(both[-1] if both else ()), *merged])
    return [merged[name] for name in order]


def _action(now: Side, was: Side, workflow: str, name: str | None) -> Action | None:
    for side in (now, was):
        known = side.desk.workflows.get(workflow)
        if name is not None and known is not None and name in known.actions:
            return known.actions[name]
    return None


def _customer(workflow: Workflow, state: State, action: str | None) -> May:
    if state.hidden_from_customer:
        return "no"
    if action is None:
        return "yes"
    rights: dict[str, May] = {"none": "no", "see": "see"}
    return rights.get(workflow.actions[action].customer, "yes")
