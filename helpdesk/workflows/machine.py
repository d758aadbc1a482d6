"""The state machine: the only import of `transitions`, and the only thing that assigns a ticket's state.

One machine per workflow; tickets are never registered with it, they pass through. Each action is an event; the
branches of its `to` are the conditions of its transitions, tried in order. Called by the doors with a subject that
has a `state`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from transitions import EventData, Machine, MachineError, State

from helpdesk.errors import NotPossible
from helpdesk.workflows import conditions
from helpdesk.workflows.moves import sources
from helpdesk.workflows.schema import Branch, Workflow

Begins = list[str | Enum | State]


class Subject(Protocol):
    """Whatever is in a state; a ticket."""

    state: Any


@dataclass(frozen=True)
class Arrival:
    """Where the subject is now. `entered`: it arrived anew, which it also does by an explicit `to` of the state it
    was in.
    """

    state: str
    entered: bool


def fire(workflow: Workflow, subject: Subject, action: str, context: Mapping[str, Any]) -> Arrival:
    """Run `action`'s transition on `subject`; `context` is what the branches' conditions look at.

    Raises `NotPossible` where the machine knows no such move; then the state is as it was.
    """
    machine = _machine_of(workflow)
    entered: list[str] = []
    if action not in machine.events or subject.state not in workflow.states:
        raise _refusal(workflow, subject)
    try:
        machine.events[action].trigger(subject, names=context, entered=entered)
    except MachineError as problem:
        raise _refusal(workflow, subject) from problem
    return Arrival(subject.state, entered=bool(entered))


def come(left: Workflow, workflow: Workflow, subject: Subject, action: str, context: Mapping[str, Any]) -> Arrival:
    """Take `subject` from the workflow `left` into a state of `workflow`, as `action` of the former says: along its
    `to`, or to where a new one begins. Where no branch holds it stays where it is.
    """
    spec = left.actions[action]
    machine = Machine(
        model=None,
        states=list(dict.fromkeys((*workflow.states, *left.states))),
        initial=workflow.initial,
        auto_transitions=False,
        send_event=True,
    )
    for branch in spec.to or (Branch(to=workflow.initial),):
        _add(machine, action, [*left.states], branch)
    machine.add_transition(action, [*left.states], None)
    entered: list[str] = []
    if subject.state not in left.states:
        raise _refusal(left, subject)
    machine.events[action].trigger(subject, names=context, entered=entered)
    return Arrival(subject.state, entered=bool(entered))


def put_back(workflow: Workflow, subject: Subject, state: str) -> None:
    """Take `subject` back to a state it was in, because what led it out was taken back. Nothing arrives."""
    known = list(dict.fromkeys((*workflow.states, subject.state)))  # meanwhile its state may be another workflow's
    machine = Machine(model=None, states=known, initial=state, auto_transitions=False)
    machine.add_transition("put_back", known, state)
    machine.events["put_back"].trigger(subject)


def _refusal(workflow: Workflow, subject: Subject) -> NotPossible:
    state = workflow.states.get(subject.state)
    return NotPossible(f"This is not possible while the ticket is “{state.label if state else subject.state}”.")


_machines: dict[int, tuple[Workflow, Machine]] = {}
_building = threading.Lock()
_KEPT = 64  # machines of this many workflows are kept; a new revision brings new ones


def _machine_of(workflow: Workflow) -> Machine:
    kept = _machines.get(id(workflow))
    if kept is not None and kept[0] is workflow:
        return kept[1]
    with _building:
        while len(_machines) >= _KEPT:
            _machines.pop(next(iter(_machines)))
        machine = _built(workflow)
        _machines[id(workflow)] = (workflow, machine)
    return machine


def _built(workflow: Workflow) -> Machine:
    machine = Machine(
        model=None, states=list(workflow.states), initial=workflow.initial, auto_transitions=False, send_event=True
    )
    for name, states in sources(workflow).items():
        action = workflow.actions[name]
        begins: Begins = [*states]
        if not begins or getattr(action.options, "elsewhere", None):
            continue
        for branch in action.to:
            _add(machine, name, begins, branch)
        if not action.to or action.to[-1].when is not None:
            machine.add_transition(name, begins, None)  # no branch holds: the ticket stays where it is
    return machine


def _add(machine: Machine, action: str, begins: Begins, branch: Branch) -> None:
    when = branch.when
    guard = None if when is None else lambda event: conditions.holds(when, event.kwargs["names"])
    if branch.to == "same":
        machine.add_transition(action, begins, None, conditions=guard)
    else:
        machine.add_transition(action, begins, branch.to, conditions=guard, after=_note_arrival)


def _note_arrival(event: EventData) -> None:
    event.kwargs["entered"].append(event.state.name)
