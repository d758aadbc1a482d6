"""Ways through a workflow: states nobody can reach or leave, no way to the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.moves import causes, moves
from helpdesk.workflows.schema import Action, Workflow

Arrows = dict[str, set[str]]


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        yield from _ways(whole, workflow, _come_to(whole, workflow))


def _come_to(whole: Whole, workflow: Workflow) -> set[str]:
    """The states to which tickets of other workflows are moved."""
    movers = [action for other in whole.desk.workflows.values() for action in other.actions.values() if _mover(action)]
    led = [action for action in movers if action.options.elsewhere == workflow.name]
    return {branch.to for action in led for branch in action.to}


def _left_by(workflow: Workflow) -> set[str]:
    """The states from which a ticket can go to another workflow."""
    return {
        state
        for state in workflow.states
        for _, name in causes(workflow, state)
        if name in workflow.actions and _mover(workflow.actions[name])
    }


def _mover(action: Action) -> bool:
    return bool(getattr(action.options, "elsewhere", None))


def _ways(whole: Whole, workflow: Workflow, come_to: set[str]) -> Iterator[Finding]:
    arrows: Arrows = {name: set() for name in workflow.states}
    for move in moves(workflow):
        if move.to != move.source:
            arrows[move.source].add(move.to)
    final = {name for name, state in workflow.states.items() if state.final}
    if workflow.states and not final:
        yield whole.at_key(
            "no_final_state", f"“{workflow.name}” has no final state, so no ticket ever ends.", workflow.path
        )
    reached = _reached([workflow.initial, *come_to], arrows)
    left = _left_by(workflow)
    stuck = {name for name, onward in arrows.items() if not onward and name not in final | left}
    back = _turned(arrows)
    ends = _reached(final | left, back)
    held = _reached(stuck, back)
    for state in workflow.states.values():
        if state.move_to:  # it is going away
            continue
        if state.name not in reached and workflow.initial in workflow.states:
            sentence = f"No ticket can come to “{state.name}”: no action leads there."
            yield whole.at_key("unreachable_state", sentence, state.path)
        if state.name in stuck:
            yield whole.at_key("dead_end", f"No action leads out of “{state.name}”, and it is not final.", state.path)
        elif final and state.name not in ends and state.name not in held:
            yield whole.at_key("no_way_to_final", f"From “{state.name}” no way leads to a final state.", state.path)


def _turned(arrows: Arrows) -> Arrows:
    turned: Arrows = {name: set() for name in arrows}
    for source, ends in arrows.items():
        for end in ends:
            turned[end].add(source)
    return turned


def _reached(starts: Iterable[str], arrows: Arrows) -> set[str]:
    found: set[str] = set()
    waiting = [start for start in starts if start in arrows]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += arrows[state] - found
    return found
