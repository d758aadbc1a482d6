"""Before it counts: the workflow's own tests, and the plan of what would become of live tickets."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts, overtaken, page
from helpdesk.admin.workflow.drafts import Draft
from helpdesk.errors import NotPossible
from helpdesk.rollout import trial
from helpdesk.rollout.plan import plan
from helpdesk.web import limits
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows.enclosures import Known

BETWEEN = ":"  # in the name of a choice: move:WORKFLOW:STATE


@bp.post("/workflow/tests", endpoint="workflow_tests")
@for_admin
def tests() -> ResponseReturnValue:
    """Run them, in a process that is killed after a minute."""
    limits.spend("workflow_try", str(current_person().id))
    draft = drafts.sent()
    try:
        report, stopped = trial.run(draft.texts), ""
    except NotPossible as refused:
        report, stopped = (
            {"tests": [], "findings": [], "transitions": {"untested": []}, "passed": False},
            refused.sentence,
        )
    return page.fragment("admin/workflow/_tests.html", draft, report=report, stopped=stopped)


@bp.post("/workflow/plan", endpoint="workflow_plan")
@for_admin
def planned() -> ResponseReturnValue:
    """What would happen, and the form that makes it happen."""
    limits.spend("workflow_try", str(current_person().id))
    draft = drafts.sent()
    if overtaken.is_(draft):
        return overtaken.page_of(draft)
    return page.fragment("admin/workflow/_plan.html", draft, **about(draft, moves()))


def about(draft: Draft, chosen: dict[tuple[str, str], str]) -> dict[str, Any]:
    """The plan of a draft as its panel shows it. The child looks first: a text it cannot check is never planned."""
    errors = [one for one in page.looked(draft)["findings"] if one["severity"] == "error"]
    if errors:
        return {"errors": errors, "plan": None, "chosen": {}}
    beside = Known(draft.enclosed)
    found = plan(draft.texts, moves=chosen, beside=beside)
    undecided = (
        plan(draft.texts, beside=beside) if chosen else found
    )  # a choice that was made stays a choice that can be changed
    return {"errors": [], "plan": found.as_dict(), "undecided": undecided.as_dict()["stranded"], "chosen": chosen}


def moves() -> dict[tuple[str, str], str]:
    """Where the tickets of states that go shall be, as the form says."""
    found = {}
    for name, target in request.form.items():
        what, _between, rest = name.partition(BETWEEN)
        workflow, _between, state = rest.partition(BETWEEN)
        if what == "move" and state and target:
            found[workflow, state] = target
    return found
