"""Rights and recipients that lead to nobody."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.circles import on_a_circle
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.moves import sources
from helpdesk.workflows.schema import Action, Email, Role, Workflow


def check(whole: Whole) -> Iterator[Finding]:
    circle = on_a_circle({role.name: role.includes for role in whole.desk.roles.values()})
    for role in whole.desk.roles.values():
        yield from _includes(whole, role, circle)
    for workflow in whole.desk.workflows.values():
        for action in workflow.actions.values():
            for email in action.emails:
                yield from _recipients(whole, workflow, action, email)


def _includes(whole: Whole, role: Role, circle: set[tuple[str, str]]) -> Iterator[Finding]:
    for number, name in enumerate(role.includes):
        if (role.name, name) in circle:
            sentence = f"“{name}” includes “{role.name}” in turn; roles cannot include each other."
            yield whole.at_value("includes_loop", sentence, (*role.path, "includes", str(number)))


def _recipients(whole: Whole, workflow: Workflow, action: Action, email: Email) -> Iterator[Finding]:
    if not email.to and (*email.path, "to") in whole.places.values:
        yield whole.at_value("mail_to_nobody", "This e-mail goes to nobody.", (*email.path, "to"))
    for number, recipient in enumerate(email.to):
        why = ""
        if recipient == "approvers":
            why = _no_approval(workflow, action)
        elif recipient in ("assignee", "group") and action.assign.how == "none":
            why = "this action clears who has the ticket"
        elif recipient.startswith("role:") and _nobody_has(whole, recipient.removeprefix("role:")):
            why = "nobody can have this role"
        if why:
            yield whole.at_value("mail_to_nobody", f"“{recipient}” is nobody: {why}.", (*email.path, "to", str(number)))


def _no_approval(workflow: Workflow, action: Action) -> str:
    """Why nobody is asked to approve when the action runs; nothing if somebody may be."""
    asking = {state.name for state in workflow.states.values() if state.approve}
    if not asking:
        return "no state of this workflow asks for approval"
    around = {*sources(workflow)[action.name], *(branch.to for branch in action.to)}
    return "" if asking & around else "the action begins and ends where nothing is to be approved"


def _nobody_has(whole: Whole, role: str) -> bool:
    return role in whole.desk.roles and not whole.rules.holders([role])
