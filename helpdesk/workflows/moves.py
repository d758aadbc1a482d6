"""Which action can run in which state, and where it leads: the arrows of a workflow.

Asked by the machine (what it may be told), the check (what nobody can reach) and the diagram. Pure reading of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpdesk.workflows.macros import chains
from helpdesk.workflows.schema import Action, Desk, Workflow

Cause = Literal["person", "arrival", "timer", "approval", "sla"]


@dataclass(frozen=True)
class Move:
    """One arrow. `conditional`: another branch may be taken instead."""

    source: str
    action: str
    to: str
    cause: Cause
    conditional: bool


def moves(workflow: Workflow) -> tuple[Move, ...]:
    """Every arrow that leads out of a state or back into it; `same` and staying are none. Unknown names are passed
    over.
    """
    found: dict[Move, None] = {}
    in_macros = chains(workflow)
    for state in workflow.states:
        for cause, name in (*causes(workflow, state), *(("person", name) for name in in_macros.get(state, ()))):
            action = workflow.actions.get(name)
            for target, conditional in targets(action) if action else ():
                if target in workflow.states:
                    found[Move(state, name, target, cause, conditional)] = None
    return tuple(found)


def visited(desk: Desk, workflow: Workflow) -> tuple[Workflow, ...]:
    """The workflows in which a ticket of this one can come to be by its moves, itself first."""
    found = {workflow.name: workflow}
    waiting = [workflow]
    while waiting:
        for action in waiting.pop().actions.values():
            other = desk.workflows.get(getattr(action.options, "elsewhere", None) or "")
            if other is not None and other.name not in found:
                found[other.name] = other
                waiting.append(other)
    return tuple(found.values())


def targets(action: Action) -> list[tuple[str, bool]]:
    """The states an action may lead to and whether that depends on a condition; `same` is left out, and so are those of
    another workflow.
    """
    if getattr(action.options, "elsewhere", None):
        return []
    return [
        (branch.to, branch.when is not None or number > 0)
        for number, branch in enumerate(action.to)
        if branch.to != "same"
    ]


def causes(workflow: Workflow, state: str) -> list[tuple[Cause, str]]:
    """Every action that can run in a state, with what sets it off."""
    spec = workflow.states[state]
    found: list[tuple[Cause, str]] = [("person", name) for name in spec.actions]
    by_message = spec.on_message
    heard = (by_message.customer, by_message.assignee, by_message.staff, by_message.other)
    found += [("person", name) for name in heard if name]
    found += [("arrival", name) for name in spec.on_enter]
    found += [("timer", timer.do) for timer in spec.timers]
    if spec.approve:
        ends = (spec.approve.accept, spec.approve.reject, spec.approve.expired)
        found += [("approval", name) for name in ends if name != "again"]
    if not spec.final:
        found += [("person", name) for name in workflow.always]
        found += [("sla", level.then) for level in workflow.sla if level.then]
    found += [("person", name) for name in _answered(workflow, state)]
    if state == workflow.initial:
        found += [("arrival", one.do) for one in workflow.on_create]
    return list(dict.fromkeys(found))


def _answered(workflow: Workflow, state: str) -> list[str]:
    """What answers in side conversations set off: where one is begun, or where beginning it leads, most come."""
    spec = workflow.states[state]
    offered = {*spec.actions, *(() if spec.final else workflow.always)}
    return [
        answered
        for action in workflow.actions.values()
        if (answered := getattr(action.options, "answered", None))
        and (action.name in offered or any(branch.to == state for branch in action.to))
    ]


def sources(workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """For each action the states in which something may run it: for an automatic one any, as it can follow a move."""
    found: dict[str, list[str]] = {name: [] for name in workflow.actions}
    in_macros = chains(workflow)
    for state in workflow.states:
        for name in dict.fromkeys((*(name for _, name in causes(workflow, state)), *in_macros.get(state, ()))):
            if name in found:
                found[name].append(state)
    return {
        name: tuple(workflow.states) if workflow.actions[name].automatic else tuple(states)
        for name, states in found.items()
    }
