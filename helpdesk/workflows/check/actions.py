"""Actions that nothing offers, that nobody may run, or that cannot run where they are named."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.macros import parts
from helpdesk.workflows.scalars import Path
from helpdesk.workflows.schema import Action, Workflow
from helpdesk.workflows.votes import TYPE


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        set_off = {name for _, name in _by_itself(workflow)} | _by_message(workflow) | _in_macros(workflow)
        offers = _offers_of(whole, workflow)
        named = {name for _, name in _offered(workflow)} | set_off
        named |= {name for action in workflow.actions.values() for name in parts(action)}
        for action in workflow.actions.values():
            if action.name not in named:
                yield whole.at_key(
                    "unused_action", f"No state offers “{action.name}” and nothing runs it.", action.path
                )
            elif action.name not in set_off and _nobody(whole, workflow, action, offers):
                hint = "Say who may with `allow` or `customer`, or `automatic: true`."
                yield whole.at_key("nobody_may_run", f"Nobody may run “{action.name}”.", action.path, hint=hint)
            yield from _automatic(whole, workflow, action)
        yield from _offers(whole, workflow)
        yield from _named_by_itself(whole, workflow)
        yield from _hotkeys(whole, workflow)


def _offered(workflow: Workflow) -> Iterator[tuple[Path, str]]:
    for number, name in enumerate(workflow.always):
        yield (*workflow.path, "always", str(number)), name
    for state in workflow.states.values():
        for number, name in enumerate(state.actions):
            yield (*state.path, "actions", str(number)), name


def _by_message(workflow: Workflow) -> set[str]:
    heard = [state.on_message for state in workflow.states.values()]
    return {name for one in heard for name in (one.customer, one.assignee, one.staff, one.other) if name}


def _in_macros(workflow: Workflow) -> set[str]:
    """What macros run: whoever presses their button needs the right to it, so somebody must have that."""
    named = {name for action in workflow.actions.values() for name in parts(action)} & set(workflow.actions)
    listed = [workflow.actions[name] for name in named]
    return {each.name for each in listed if each.automatic or each.allow or each.customer in ("run", "own")}


def _by_itself(workflow: Workflow) -> Iterator[tuple[Path, str]]:
    """Where the desk itself runs actions, by path."""
    for number, created in enumerate(workflow.on_create):
        yield (*workflow.path, "on_create", str(number), "do"), created.do
    for number, level in enumerate(workflow.sla):
        if level.then:
            yield (*workflow.path, "sla", str(number), "then"), level.then
    for state in workflow.states.values():
        for number, name in enumerate(state.on_enter):
            yield (*state.path, "on_enter", str(number)), name
        for number, timer in enumerate(state.timers):
            yield (*state.path, "timers", str(number), "do"), timer.do
        if state.approve:
            yield (*state.path, "approve", "accept"), state.approve.accept
            yield (*state.path, "approve", "reject"), state.approve.reject
            yield (*state.path, "approve", "expired"), state.approve.expired
    for action in workflow.actions.values():
        if answered := getattr(action.options, "answered", None):
            yield (*action.path, "answered"), answered


def _offers_of(whole: Whole, workflow: Workflow) -> dict[str, list[str]]:
    """For each action the states that show its button."""
    found: dict[str, list[str]] = {}
    for state in workflow.states:
        for name in whole.rules.offered(workflow.name, state):
            found.setdefault(name, []).append(state)
    return found


def _nobody(whole: Whole, workflow: Workflow, action: Action, offers: dict[str, list[str]]) -> bool:
    """Whether no person has the right, or those who have it never see a state that offers the action."""
    if action.automatic or action.type == TYPE:
        return False  # who may vote stands in `approve.by`
    offering = [workflow.states[state] for state in offers.get(action.name, ())]
    if action.customer in ("run", "own") and not (offering and all(one.hidden_from_customer for one in offering)):
        return False
    if not action.allow or not _somebody_has(whole, getattr(action.options, "right", None)):
        return True
    if "everyone" in action.allow or "assignee" in action.allow:
        return False
    holders = whole.rules.holders(action.allow)
    if any(state.visible_to is None or "everyone" in state.visible_to for state in offering):
        return False
    seers = [whole.rules.holders(state.visible_to or ()) for state in offering]
    if seers and not any(seers):
        return False  # `states` says that nobody sees them
    return not any(holders & each for each in seers)


def _somebody_has(whole: Whole, right: str | None) -> bool:
    """Whether a role has the right that the action's type asks for beside `allow`, if it asks for one."""
    return right is None or any(right in role.may for role in whole.desk.roles.values())


def _automatic(whole: Whole, workflow: Workflow, action: Action) -> Iterator[Finding]:
    if not action.automatic:
        return
    if action.allow:
        sentence = f"“{action.name}” is automatic, so nobody may run it; `allow` says otherwise."
        yield whole.at_value("automatic_and_allowed", sentence, (*action.path, "allow"))
    if action.customer in ("run", "own"):
        sentence = f"“{action.name}” is automatic, so the customer cannot run it."
        yield whole.at_value("automatic_and_allowed", sentence, (*action.path, "customer"))
    if why := _needs_input(workflow, action):
        yield whole.at_key("needs_input", f"“{action.name}” runs by itself and {why}.", action.path)


def _needs_input(workflow: Workflow, action: Action) -> str:
    """What only a person could fill in."""
    listed = [action, *(workflow.actions[name] for name in parts(action) if name in workflow.actions)]
    if any(getattr(each.options, "needs_message", False) for each in listed):
        return "needs a message"
    asked = [one.name for one in action.fields if one.required and one.keep == "action" and one.field.default is None]
    return f"needs “{asked[0]}”" if asked else ""


def _offers(whole: Whole, workflow: Workflow) -> Iterator[Finding]:
    for path, name in _offered(workflow):
        if name in workflow.actions and workflow.actions[name].automatic:
            yield whole.at_value("automatic_offered", f"“{name}” is automatic; nobody can press its button.", path)


def _named_by_itself(whole: Whole, workflow: Workflow) -> Iterator[Finding]:
    for path, name in _by_itself(workflow):
        action = workflow.actions.get(name)
        if action is None or action.automatic:
            continue
        if "on_enter" in path or "on_create" in path or path[-1] == "answered":
            hint = "Add `automatic: true` to it."
            yield whole.at_value("not_automatic", f"“{name}” is not automatic, so it cannot run here.", path, hint=hint)
        elif why := _needs_input(workflow, action):
            yield whole.at_value("needs_input", f"“{name}” runs by itself here and {why}.", path)


def _hotkeys(whole: Whole, workflow: Workflow) -> Iterator[Finding]:
    said: set[str] = set()
    for state in workflow.states.values():
        taken: dict[str, str] = {}
        for name in whole.rules.offered(workflow.name, state.name):
            action = workflow.actions.get(name)
            if action is None or not action.button.key:
                continue
            first = taken.setdefault(action.button.key, name)
            if first != name and name not in said:
                said.add(name)
                sentence = f"“{first}” has the same key, and “{state.name}” offers both."
                yield whole.at_value("hotkey_twice", sentence, (*action.path, "button", "key"))
