"""Service levels that promise nothing, warn at no time, or count by a clock that nothing stops."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.schema import ServiceLevel, Workflow


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        for level in workflow.sla:
            yield from _level(whole, workflow, level)
        if not workflow.sla:
            for state in workflow.states.values():
                if state.pauses_sla:
                    sentence = f"“{workflow.name}” has no service level that “{state.name}” could pause."
                    path = (*state.path, "pauses_sla")
                    yield whole.at_key("nothing_to_pause", sentence, path, severity="warning")


def _level(whole: Whole, workflow: Workflow, level: ServiceLevel) -> Iterator[Finding]:
    if level.first_response is None and level.resolution is None:
        hint = "Say `first_response`, `resolution` or both."
        yield whole.at_value("no_promise", "This service level promises nothing.", level.path, hint=hint)
    if level.first_response is not None and not _can_answer(workflow):
        sentence = f"No action of “{workflow.name}” mails the customer, so the first response is never given."
        path = (*level.path, "first_response")
        yield whole.at_value("never_answered", sentence, path, severity="warning")
    for number, percent in enumerate(level.warn_at):
        path = (*level.path, "warn_at", str(number))
        if not 1 <= percent <= 99:
            yield whole.at_value("bad_warning", "A warning comes at 1 to 99 per cent of the time.", path)
        elif percent in level.warn_at[:number]:
            yield whole.at_value("said_twice", f"“{percent}” stands in this list a second time.", path)


def _can_answer(workflow: Workflow) -> bool:
    return any("customer" in email.to for action in workflow.actions.values() for email in action.emails)
