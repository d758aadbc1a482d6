"""Rights and recipients that lead to nobody."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.circles import on_a_circle
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.schema import Email, Role, Workflow


def check(whole: Whole) -> Iterator[Finding]:
    circle = on_a_circle({role.name: role.includes for role in whole.desk.roles.values()})
    for role in whole.desk.roles.values():
        yield from _includes(whole, role, circle)
    for workflow in whole.desk.workflows.values():
        for action in workflow.actions.values():
            for email in action.emails:
                yield from _recipients(whole, workflow, email, unassigned=action.assign.how == "none")


def _includes(whole: Whole, role: Role, circle: set[tuple[str, str]]) -> Iterator[Finding]:
    for number, name in enumerate(role.includes):
        if (role.name, name) in circle:
            sentence = f"“{name}” includes “{role.name}” in turn; roles cannot include each other."
            yield whole.at_value("includes_loop", sentence, (*role.path, "includes", str(number)))


def _recipients(whole: Whole, workflow: Workflow, email: Email, *, unassigned: bool) -> Iterator[Finding]:
    if not email.to and (*email.path, "to") in whole.places.values:
        yield whole.at_value("mail_to_nobody", "This e-mail goes to nobody.", (*email.path, "to"))
    for number, recipient in enumerate(email.to):
        why = ""
        if recipient == "approvers" and not any(state.approve for state in workflow.states.values()):
            why = "no state of this workflow asks for approval"
        elif recipient in ("assignee", "group") and unassigned:
            why = "this action clears who has the ticket"
        elif recipient.startswith("role:") and _nobody_has(whole, recipient.removeprefix("role:")):
            why = "nobody can have this role"
        if why:
            yield whole.at_value("mail_to_nobody", f"“{recipient}” is nobody: {why}.", (*email.path, "to", str(number)))


def _nobody_has(whole: Whole, role: str) -> bool:
    return role in whole.desk.roles and not whole.rules.holders([role])
