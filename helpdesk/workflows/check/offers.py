"""What states offer, hear and wait for, where it makes no sense: a button twice, closing what is closed, a message that
would run what no person may run, a timer that never fires, a name that a state did not have before.
"""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.schema import Action, Input, State, Workflow


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        before: dict[str, str] = {}
        for state in workflow.states.values():
            yield from _buttons(whole, workflow, state)
            yield from _heard(whole, workflow, state)
            yield from _timers(whole, state)
            yield from _going(whole, workflow, state)
            yield from _renamed(whole, workflow, state, before)
        for action in workflow.actions.values():
            if action.type == "close" and not action.to:
                sentence = f"“{action.name}” closes nothing: it does not say where the ticket goes."
                hint = "Add `to` with a final state."
                yield whole.at_key("closes_nothing", sentence, action.path, hint=hint, severity="warning")


def _buttons(whole: Whole, workflow: Workflow, state: State) -> Iterator[Finding]:
    for number, name in enumerate(state.actions):
        path = (*state.path, "actions", str(number))
        action = workflow.actions.get(name)
        if name in workflow.always and not state.final:
            sentence = f"“{name}” is offered here anyway: it stands in `always`."
            yield whole.at_value("offered_twice", sentence, path, severity="warning")
        elif action and state.final and action.type == "close" and _only_to(action, state):
            sentence = f"“{state.name}” is final, and “{name}” closes the ticket once more."
            yield whole.at_value("closed_already", sentence, path, severity="warning")


def _only_to(action: Action, state: State) -> bool:
    return bool(action.to) and all(branch.to == state.name for branch in action.to)


def _heard(whole: Whole, workflow: Workflow, state: State) -> Iterator[Finding]:
    for kind in ("customer", "assignee", "staff", "other"):
        action = workflow.actions.get(getattr(state.on_message, kind) or "")
        path = (*state.path, "on_message", kind)
        if action is None:
            continue
        if action.automatic:
            yield whole.at_value("automatic_heard", f"“{action.name}” is automatic, so no message can run it.", path)
        elif missed := next(filter(_beyond_a_message, action.fields), None):
            sentence = f"“{action.name}” needs “{missed.name}”, which a message never brings, so it is only filed."
            yield whole.at_value("message_not_enough", sentence, path, severity="warning")


def _beyond_a_message(one: Input) -> bool:
    """Whether an input must be filled that a message does not bring and a ticket does not hold."""
    asked = one.required and one.show_if is None and one.field.default is None
    return asked and one.keep == "action" and one.name not in ("message", "files")


def _timers(whole: Whole, state: State) -> Iterator[Finding]:
    for number, timer in enumerate(state.timers):
        if timer.repeat < 1:
            path = (*state.path, "timers", str(number), "repeat")
            yield whole.at_value("bad_repeat", "`repeat` is the number of runs in all, so at least 1.", path)


def _going(whole: Whole, workflow: Workflow, state: State) -> Iterator[Finding]:
    """A state that goes, and where its tickets go."""
    there = workflow.states.get(state.move_to) if state.move_to else None
    if there is not None and (there.name == state.name or there.move_to):
        sentence = f"Tickets of “{state.name}” cannot move to “{there.name}”: it goes itself."
        yield whole.at_value("bad_move_to", sentence, (*state.path, "move_to"))


def _renamed(whole: Whole, workflow: Workflow, state: State, before: dict[str, str]) -> Iterator[Finding]:
    old, path = state.renamed_from, (*state.path, "renamed_from")
    if old is None:
        return
    if before.setdefault(old, state.name) != state.name:
        yield whole.at_value("renamed_twice", f"“{before[old]}” says already that it was “{old}”.", path)
    elif old in workflow.states and not workflow.states[old].renamed_from:  # two may change their names
        sentence = f"“{old}” is still there, so “{state.name}” was not its new name."
        yield whole.at_value("renamed_and_here", sentence, path, severity="warning")
