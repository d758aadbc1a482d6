"""What macros are made of: what they ask together, and where each of their actions can run.

Asked by `resolve` (the inputs), by `moves` (the arrows) and by the checks. Pure reading of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from helpdesk.workflows.schema import Action, Input, Workflow


def parts(action: Action) -> tuple[str, ...]:
    """The actions a macro runs, by name and in order; nothing for any other type."""
    return tuple(getattr(action.options, "run_", ())) if action.type == "macro" else ()


def inputs(macro: Action, actions: Mapping[str, Action]) -> tuple[Input, ...]:
    """Everything the macro asks: what it lists itself, then what its actions ask, each thing once. Required is what one
    of them requires, and shown what one of them always shows.
    """
    asked = {one.name: one for one in macro.fields}
    for name in parts(macro):
        for one in actions[name].fields if name in actions else ():
            first = asked.setdefault(one.name, one)
            asked[one.name] = replace(
                first,
                required=first.required or one.required,
                show_if=first.show_if if first.show_if == one.show_if else None,
            )
    return tuple(asked.values())


def chains(workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """For each state the actions that can run in it as part of a macro, and the macro itself where it ends."""
    found: dict[str, dict[str, None]] = {}
    macros = [action for action in workflow.actions.values() if action.type == "macro"]
    for macro in macros:
        for state in _offering(workflow, macro.name):
            here = {state}
            for name in parts(macro):
                for each in here:
                    found.setdefault(each, {})[name] = None
                here = {end for each in here for end in _ends(workflow, name, each)}
            for each in here:
                found.setdefault(each, {})[macro.name] = None
    return {state: tuple(names) for state, names in found.items()}


def ends(workflow: Workflow, action: Action) -> set[str]:
    """The states a macro's actions may lead to."""
    listed = [workflow.actions[name] for name in parts(action) if name in workflow.actions]
    return {branch.to for each in listed for branch in each.to if branch.to != "same"}


def _ends(workflow: Workflow, name: str, state: str) -> set[str]:
    """Where a ticket can be after this action ran in this state."""
    action = workflow.actions.get(name)
    if action is None or not action.to:
        return {state}
    led = {state if branch.to == "same" else branch.to for branch in action.to} & set(workflow.states)
    return led | ({state} if action.to[-1].when is not None else set())


def _offering(workflow: Workflow, macro: str) -> list[str]:
    """The states in which something runs the macro; an automatic one can follow any move."""
    if workflow.actions[macro].automatic:
        return list(workflow.states)
    return [
        state.name
        for state in workflow.states.values()
        if macro in state.actions
        or (macro in workflow.always and not state.final)
        or any(timer.do == macro for timer in state.timers)
        or (state.approve and macro in (state.approve.accept, state.approve.reject, state.approve.expired))
        or (not state.final and any(level.then == macro for level in workflow.sla))
    ]
