"""Who may do what, as a table: each state with its actions, and a column for each role, group and the customer. Beside
the desk in force, so that a draft that opens or closes a door says so (N11).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts, page
from helpdesk.errors import HelpdeskError
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions
from helpdesk.workflows.editing import work
from helpdesk.workflows.load import load_texts
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk, State, Workflow

CUSTOMER = "customer"
NO = "no"


@dataclass(frozen=True)
class Column:
    """Somebody the file can name. `kind`: role, group or customer."""

    name: str
    label: str
    kind: str


@bp.get("/workflow/rights", endpoint="workflow_rights")
@for_admin
def matrix() -> ResponseReturnValue:
    """The table of one workflow, of the draft or of the desk in force."""
    active = revisions.active()
    draft = drafts.of(current_person())
    desk = _desk_of(draft) if draft.own else None
    shown = desk or active.desk
    name = request.args.get("workflow", "")
    workflow = shown.workflows.get(name) or next(iter(shown.workflows.values()))
    columns = [each for each in _columns(shown) if _wanted("who", each.name)]
    rows = _rows(shown, workflow, columns, before=active.desk if desk else None)
    about = {
        "rows": rows,
        "columns": columns,
        "people": _columns(shown),
        "workflow": workflow,
        "workflows": list(shown.workflows.values()),
        "states": list(workflow.states.values()),
        "asked": {key: request.args.get(key, "") for key in ("state", "action", "who", "only")},
        "is_draft": desk is not None,
        "is_broken": draft.own and desk is None,
        "changes": sum(cell["change"] != "" for row in rows for cell in row["cells"]),
        "views": page.views(),
    }
    return render_template("admin/workflow/rights.html", **about)


def may(desk: Desk, rules: Rules, workflow: Workflow, state: State, action: str | None, who: Column) -> str:
    """`yes`, `assignee` (only with the ticket in hand), `see` (the customer reads of it) or `no`; without an action,
    whether tickets of the state are seen.
    """
    if who.kind == CUSTOMER:
        return _customer(workflow, state, action)
    standing = rules.standing(*(([who.name], []) if who.kind == "role" else ([], [who.name])))
    if not rules.sees(standing, workflow.name, state.name):
        return NO
    if action is None:
        return "yes"
    if rules.allows(standing, workflow.name, action):
        return "assignee" if workflow.actions[action].only_assignee else "yes"
    return "assignee" if rules.allows(standing, workflow.name, action, is_assignee=True) else NO


def _customer(workflow: Workflow, state: State, action: str | None) -> str:
    if state.hidden_from_customer:
        return NO
    if action is None:
        return "yes"
    right = workflow.actions[action].customer
    return {"none": NO, "see": "see"}.get(right, "yes")


def _rows(desk: Desk, workflow: Workflow, columns: list[Column], before: Desk | None) -> list[dict[str, Any]]:
    rules, old = Rules(desk), Rules(before) if before else None
    rows = []
    for state in workflow.states.values():
        if not _wanted("state", state.name):
            continue
        offered = [None, *(name for name in _offered(rules, workflow, state, before) if _wanted("action", name))]
        for action in offered:
            cells = [_cell(desk, rules, before, old, workflow, state, action, each) for each in columns]
            if request.args.get("only") and not any(cell["change"] for cell in cells):
                continue
            spec = workflow.actions[action] if action else None
            rows.append({"state": state, "action": spec, "cells": cells})
    return rows


def _offered(rules: Rules, workflow: Workflow, state: State, before: Desk | None) -> Iterable[str]:
    names = list(rules.offered(workflow.name, state.name))
    answer = state.on_message.customer
    return dict.fromkeys(name for name in (*names, *([answer] if answer else [])) if name in workflow.actions)


def _cell(
    desk: Desk, rules: Rules, before: Desk | None, old: Rules | None, workflow: Workflow, state: State,
    action: str | None, who: Column,
) -> dict[str, Any]:  # fmt: skip
    now = may(desk, rules, workflow, state, action, who)
    was = now if before is None or old is None else _was(before, old, workflow.name, state.name, action, who)
    return {
        "may": now,
        "was": was,
        "change": "" if now == was else "more" if was == NO else "less" if now == NO else "other",
    }


def _was(before: Desk, rules: Rules, workflow: str, state: str, action: str | None, who: Column) -> str:
    """The same question, asked of the desk in force; what it does not know is a no."""
    known = before.workflows.get(workflow)
    there = known.states.get(state) if known else None
    if known is None or there is None or who.name not in {*before.roles, *before.groups, CUSTOMER}:
        return NO
    if action is not None and (action not in known.actions or action not in _offered(rules, known, there, None)):
        return NO
    return may(before, rules, known, there, action, who)


def _columns(desk: Desk) -> list[Column]:
    roles = [Column(role.name, role.label, "role") for role in desk.roles.values()]
    groups = [Column(group.name, group.label, "group") for group in desk.groups.values()]
    return [*roles, *groups, Column(CUSTOMER, "", CUSTOMER)]


def _wanted(key: str, name: str) -> bool:
    asked = request.args.get(key, "").strip().casefold()
    return not asked or asked in name.casefold()


def _desk_of(draft: drafts.Draft) -> Desk | None:
    """The draft as a desk, if it is sound; the child has looked at it first."""
    try:
        found = work.ask("look", draft.texts, live={}, active={}, places={})["findings"]
    except HelpdeskError:
        return None
    if any(one["severity"] == "error" for one in found):
        return None
    return load_texts({**draft.texts}).desk
