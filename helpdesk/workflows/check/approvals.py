"""Approvals that nobody can decide or that lead nowhere, and votes that are offered where nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.schema import Action, Approve, State, Workflow
from helpdesk.workflows.votes import TYPE

OPEN_TO_ALL = ("everyone", "assignee")


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        for state in workflow.states.values():
            if state.approve:
                yield from _deciders(whole, state, state.approve)
                yield from _ends(whole, workflow, state.approve)
        for action in workflow.actions.values():
            if action.type == TYPE:
                yield from _vote(whole, workflow, action)


def _deciders(whole: Whole, state: State, spec: Approve) -> Iterator[Finding]:
    """Whether enough can be asked, as far as the file tells: who has which role it does not."""
    by = (*spec.path, "by")
    if spec.need < 1:
        yield whole.at_value("bad_need", "At least one consent is needed.", (*spec.path, "need"))
    blind = [number for number, name in enumerate(spec.by) if not _sees(whole, state, name)]
    if len(blind) == len(spec.by):
        why = "those who are named see no tickets there" if spec.by else "nobody is named"
        yield whole.at_value("nobody_may_approve", f"Nobody may approve in “{state.name}”: {why}.", by)
        return
    for number in blind:
        sentence = f"“{spec.by[number]}” does not see tickets in “{state.name}”, so is not asked."
        hint = "Add it to `visible_to`."
        yield whole.at_value("blind_approver", sentence, (*by, str(number)), hint=hint, severity="warning")


def _sees(whole: Whole, state: State, name: str) -> bool:
    if name in OPEN_TO_ALL or state.visible_to is None or "everyone" in state.visible_to:
        return name in OPEN_TO_ALL or bool(whole.rules.holders([name]))
    return bool(whole.rules.holders([name]) & whole.rules.holders(state.visible_to))


def _ends(whole: Whole, workflow: Workflow, spec: Approve) -> Iterator[Finding]:
    """Each end leads out, or arrives anew; else the ticket would stand there with nothing asked."""
    if spec.within is None and (*spec.path, "expired") in whole.places.values:
        hint = "Say how long with `within`."
        sentence = "It never expires: there is no time to decide in."
        yield whole.at_value("expired_without_within", sentence, (*spec.path, "expired"), hint=hint)
    for end in ("accept", "reject", "expired"):
        action = workflow.actions.get(getattr(spec, end))
        where = (*spec.path, end)
        if action is None:
            continue
        if action.type == TYPE:
            yield whole.at_value("bad_vote", f"“{action.name}” is a vote, which the desk itself does not have.", where)
        elif not any(branch.to != "same" for branch in action.to):
            sentence = f"“{action.name}” leads nowhere, so the ticket would stay here with nothing asked."
            yield whole.at_value("approval_stays", sentence, where)
        elif any(branch.to == "same" for branch in action.to):
            sentence = f"“{action.name}” may leave the ticket here with nothing asked."
            yield whole.at_value("approval_stays", sentence, where, severity="warning")


def _vote(whole: Whole, workflow: Workflow, action: Action) -> Iterator[Finding]:
    """A vote is its voter's word and nothing else; who has one stands in `approve.by`."""
    asking = {name for name, state in workflow.states.items() if state.approve}
    said = {
        "allow": bool(action.allow),
        "customer": action.customer in ("run", "own"),
        "automatic": action.automatic,
        "only_assignee": action.only_assignee,
        "to": bool(action.to),
        "assign": action.assign.how != "keep",
    }
    for key, is_said in said.items():
        if is_said:
            hint = "Who may vote stands in `approve.by`, what follows in `accept` and `reject`."
            yield whole.at_value("bad_vote", f"A vote has no `{key}`.", (*action.path, key), hint=hint)
    for state in workflow.states.values():
        for number, name in enumerate(state.actions):
            if name == action.name and state.name not in asking:
                sentence = f"“{name}” is a vote, and “{state.name}” asks for no consent."
                yield whole.at_value("bad_vote", sentence, (*state.path, "actions", str(number)))
    yield from _named_elsewhere(whole, workflow, action)


def _named_elsewhere(whole: Whole, workflow: Workflow, action: Action) -> Iterator[Finding]:
    """Places that run or offer it although nobody who votes is there."""
    places = [((*workflow.path, "always", str(number)), name) for number, name in enumerate(workflow.always)]
    for number, created in enumerate(workflow.on_create):
        places.append(((*workflow.path, "on_create", str(number), "do"), created.do))
    for state in workflow.states.values():
        heard = state.on_message
        places += [((*state.path, "on_enter", str(number)), name) for number, name in enumerate(state.on_enter)]
        places += [((*state.path, "timers", str(n), "do"), timer.do) for n, timer in enumerate(state.timers)]
        places += [
            ((*heard.path, kind), name)
            for kind in ("customer", "assignee", "staff", "other")
            if (name := getattr(heard, kind))
        ]
    for where, name in places:
        if name == action.name:
            yield whole.at_value("bad_vote", f"“{name}” is a vote: only the button of a state can offer it.", where)
