"""The workflow's own tests: steps that say too little or too much, people and actions that are not there."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.schema import Step, Workflow

REFUSALS = ("not_found", "not_now", "required", "hidden", "invalid", "assigned", "voted", "stale")


def check(whole: Whole) -> Iterator[Finding]:
    for test in whole.desk.tests:
        source = whole.desk.sources.get(test.given.source)
        workflow = whole.desk.workflows.get(source.workflow) if source else None
        for step in test.steps:
            yield from _shape(whole, step)
            yield from _names(whole, step, workflow)


def _shape(whole: Whole, step: Step) -> Iterator[Finding]:
    said = [word for word in ("do", "approve", "writes") if getattr(step, word) is not None]
    if step.after is not None:
        if said or step.as_ is not None:
            yield whole.at_value("bad_step", "A step that lets time pass does nothing else.", step.path)
    elif len(said) != 1 or step.as_ is None:
        sentence = "A step has `as` with one of `do`, `approve`, `writes`; or it has `after`."
        yield whole.at_value("bad_step", sentence, step.path)
    if step.refused is not None and step.refused not in ("true", *REFUSALS):
        hint = did_you_mean(step.refused, REFUSALS) or f"It is true or one of {', '.join(REFUSALS)}."
        yield whole.at_value("unknown_value", "No refusal has this code.", (*step.path, "refused"), hint=hint)
    if step.refused is not None and step.expect is not None:
        yield whole.at_value("bad_step", "A refused step changes nothing, so it expects nothing.", step.path)


def _names(whole: Whole, step: Step, workflow: Workflow | None) -> Iterator[Finding]:
    people = {*whole.desk.roles, "customer", "assignee"}
    if step.as_ is not None and step.as_ not in people:
        sentence = f"There is no role “{step.as_[:60]}”."
        yield whole.at_value("unknown_role", sentence, (*step.path, "as"), hint=did_you_mean(step.as_, people))
    if workflow is None:
        return
    actions = workflow.actions
    if step.do is not None and step.do not in actions:
        sentence = f"There is no action “{step.do[:60]}”."
        yield whole.at_value("unknown_action", sentence, (*step.path, "do"), hint=did_you_mean(step.do, actions))
    ran = step.expect.ran or () if step.expect else ()
    for number, name in enumerate(ran):
        if name not in actions:
            path = (*step.path, "expect", "ran", str(number))
            yield whole.at_value(
                "unknown_action", f"There is no action “{name[:60]}”.", path, hint=did_you_mean(name, actions)
            )
