"""The table of rights as a page: of the draft beside the desk in force, or of the desk in force alone."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts, matrix, page
from helpdesk.admin.workflow.matrix import Side
from helpdesk.errors import HelpdeskError
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions
from helpdesk.workflows.editing import work
from helpdesk.workflows.load import load_texts
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk


@bp.get("/workflow/rights", endpoint="workflow_rights")
@for_admin
def table() -> ResponseReturnValue:
    """One workflow at a time, filtered by what the address says."""
    active = revisions.active()
    draft = drafts.of(current_person())
    desk = _desk_of(draft) if draft.own else None
    was = Side(active.desk, active.rules)
    now = Side(desk, Rules(desk)) if desk else was
    workflows = now.desk.workflows
    workflow = workflows.get(request.args.get("workflow", "")) or next(iter(workflows.values()))
    people = matrix.columns(now.desk)
    shown = [each for each in people if request.args.get("who", "") in ("", each.name)]
    rows = matrix.rows(now, was, workflow.name, shown, _wanted)
    if request.args.get("only"):
        rows = [row for row in rows if any(cell.change for cell in row.cells)]
    about = {
        "rows": rows,
        "columns": shown,
        "people": people,
        "workflow": workflow,
        "workflows": list(workflows.values()),
        "states": list(workflow.states.values()),
        "asked": {key: request.args.get(key, "") for key in ("state", "action", "who", "only")},
        "is_draft": desk is not None,
        "is_broken": draft.own and desk is None,
        "changes": sum(cell.change != "" for row in rows for cell in row.cells),
        "views": page.views(),
    }
    return render_template("admin/workflow/rights.html", **about)


def _wanted(kind: str, name: str, label: str) -> bool:
    """States are chosen by name, actions found by a part of their name or label."""
    asked = request.args.get(kind, "").strip().casefold()
    if kind == "state":
        return asked in ("", name.casefold())
    return asked in name.casefold() or asked in label.casefold()


def _desk_of(draft: drafts.Draft) -> Desk | None:
    """The draft as a desk, if it is sound; the child has looked at it first."""
    try:
        found = work.ask("look", draft.texts, live={}, active={}, places={})["findings"]
    except HelpdeskError:
        return None
    if any(one["severity"] == "error" for one in found):
        return None
    return load_texts({**draft.texts}).desk
