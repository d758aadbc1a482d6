"""Actions made of others, and actions that reach beyond their ticket: macros, moves, merges."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.macros import parts
from helpdesk.workflows.schema import Action, Workflow


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        heard = _heard(workflow)
        for action in workflow.actions.values():
            yield from _for_staff(whole, action)
            if action.type == "macro":
                yield from _macro(whole, workflow, action)
            if action.type == "move" and action.options and action.options.workflow == workflow.name:
                sentence = f"“{action.name}” moves tickets to the workflow they are in."
                hint = "Name another workflow, or use another type with `to`."
                yield whole.at_value("move_within", sentence, (*action.path, "workflow"), hint=hint)
            if action.name in heard and (action.type == "macro" or getattr(action.options, "for_staff", False)):
                sentence = f"A message cannot run “{action.name}”: its type is {action.type}."
                yield whole.at_value("not_by_message", sentence, heard[action.name])


def _heard(workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """The actions that messages run, each with the first place that says so."""
    found: dict[str, tuple[str, ...]] = {}
    for state in workflow.states.values():
        for kind in ("customer", "assignee", "staff", "other"):
            name = getattr(state.on_message, kind)
            if name:
                found.setdefault(name, (*state.path, "on_message", kind))
    return found


def _for_staff(whole: Whole, action: Action) -> Iterator[Finding]:
    if action.ban is not None and action.customer in ("run", "own"):
        sentence = "Customers cannot run an action that bans people or lets them back."
        yield whole.at_value("not_for_customers", sentence, (*action.path, "ban"))
    if getattr(action.options, "for_staff", False) and action.customer in ("run", "own"):
        sentence = f"Customers cannot run actions of type {action.type}."
        yield whole.at_value("not_for_customers", sentence, (*action.path, "customer"))


def _macro(whole: Whole, workflow: Workflow, macro: Action) -> Iterator[Finding]:
    if not parts(macro) and (*macro.path, "run") in whole.places.values:
        yield whole.at_value("macro_of", f"“{macro.name}” runs nothing.", (*macro.path, "run"))
    for number, name in enumerate(parts(macro)):
        inner = workflow.actions.get(name)
        if inner is not None and not getattr(inner.options, "in_macro", True):
            sentence = f"“{name}” cannot be part of a macro: its type is {inner.type}."
            yield whole.at_value("macro_of", sentence, (*macro.path, "run", str(number)))
