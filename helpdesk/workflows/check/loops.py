"""What would go round for ever without anybody: arrivals that set off arrivals, timers that bring a ticket back to
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.circles import on_a_circle
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding, Severity
from helpdesk.workflows.macros import ends
from helpdesk.workflows.moves import Move, targets
from helpdesk.workflows.schema import Action, Workflow


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        arrivals, timers = _arrivals(workflow), _timers(workflow)
        circle = on_a_circle(_arrows(workflow, arrivals))
        for move in arrivals:
            if (move.source, move.to) in circle:
                path = (*workflow.states[move.source].path, "on_enter", str(_place(workflow, move)))
                sentence = f"Arriving in “{move.source}” sets off actions that bring the ticket back here, for ever."
                yield whole.at_value("on_enter_loop", sentence, path, severity=_severity(move))
        circle = on_a_circle(_arrows(workflow, [*arrivals, *timers]))
        for move in timers:
            if (move.source, move.to) in circle:
                timed = workflow.states[move.source].timers
                number = next(number for number, timer in enumerate(timed) if timer.do == move.action)
                path = (*workflow.states[move.source].path, "timers", str(number), "do")
                sentence = f"When nobody does anything, the ticket leaves “{move.source}” and comes back, for ever."
                yield whole.at_value("timer_loop", sentence, path, severity=_severity(move))


def _severity(move: Move) -> Severity:
    """A condition may end the circle; nobody can tell from the file."""
    return "warning" if move.conditional else "error"


def _arrows(workflow: Workflow, moves: list[Move]) -> dict[str, set[str]]:
    arrows: dict[str, set[str]] = {name: set() for name in workflow.states}
    for move in moves:
        arrows[move.source].add(move.to)
    return arrows


def _arrivals(workflow: Workflow) -> list[Move]:
    """The first action that moves on arrival ends the arrival, so only what comes before and with it can run."""
    found: list[Move] = []
    for state in workflow.states.values():
        for name in state.on_enter:
            action = workflow.actions.get(name)
            moved = _led(workflow, action) if action else []
            found += [Move(state.name, name, to, "arrival", conditional) for to, conditional in moved]
            if any(not conditional for _, conditional in moved):
                break
    return found


def _timers(workflow: Workflow) -> list[Move]:
    return [
        Move(state.name, timer.do, to, "timer", conditional)
        for state in workflow.states.values()
        for timer in state.timers
        if timer.do in workflow.actions
        for to, conditional in _led(workflow, workflow.actions[timer.do])
    ]


def _led(workflow: Workflow, action: Action) -> list[tuple[str, bool]]:
    """Where an action leads by itself or, as a macro, by what it runs; whether the latter happens depends."""
    return [*targets(action), *((to, True) for to in sorted(ends(workflow, action)))]


def _place(workflow: Workflow, move: Move) -> int:
    return workflow.states[move.source].on_enter.index(move.action)
