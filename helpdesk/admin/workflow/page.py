"""The editor's page, what it is told while somebody types, and the draft. Everything the page asks goes with the whole
text, so that it works the same without script: a text area and buttons.
"""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts, live
from helpdesk.admin.workflow.drafts import Draft
from helpdesk.errors import Invalid, NotPossible
from helpdesk.web import limits
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions
from helpdesk.workflows.editing import work
from helpdesk.workflows.json_schema import json_schema


@bp.get("/workflow", endpoint="workflow")
@for_admin
def editor_page() -> ResponseReturnValue:
    """The editor, with this administrator's draft in it."""
    return editor(drafts.of(current_person()))


@bp.get("/workflow/schema.json", endpoint="workflow_schema")
@for_admin
def schema() -> ResponseReturnValue:
    """The language, for completion."""
    return jsonify(json_schema())


@bp.post("/workflow/check", endpoint="workflow_check")
@for_admin
def check() -> ResponseReturnValue:
    """What is wrong with a text, where its parts stand, and how it looks. Writes nothing."""
    limits.spend("workflow_check", str(current_person().id))
    draft = drafts.sent()
    try:
        found = looked(draft)
    except NotPossible as refused:
        found = {"findings": [_too_much(refused)]}
    if request.accept_mimetypes.best == "application/json":
        return jsonify(found)
    return editor(draft, findings=found["findings"])


@bp.post("/workflow/draft", endpoint="workflow_draft")
@for_admin
def keep() -> ResponseReturnValue:
    """Keep what is written so far."""
    drafts.keep(current_person(), drafts.sent())
    return "", 204


@bp.post("/workflow/discard", endpoint="workflow_discard")
@for_admin
def discard() -> ResponseReturnValue:
    """Back to the text in force."""
    drafts.discard(current_person())
    flash(_("This is the text in force again."), "success")
    return redirect(url_for("admin.workflow"), 303)


def editor(draft: Draft, *, status: int = 200, **panel: Any) -> ResponseReturnValue:
    """The page around a draft. `panel`: what a button without script brought."""
    active = revisions.active()
    about = {
        "draft": draft,
        "files": [{"name": name, "text": text} for name, text in draft.texts.items()],
        "active_id": active.id,
        "is_stale": draft.own and draft.based_on != active.id,
        "is_changed": not drafts.says(draft, active.id),
        "workflows": [{"name": each.name, "label": each.label} for each in active.desk.workflows.values()],
        "views": views(),
    }
    return make_response(render_template("admin/workflow/editor.html", **about, **panel), status)


def views() -> list[dict[str, Any]]:
    """The pages about the workflow."""
    places = (
        ("admin.workflow", _("Editor")),
        ("admin.workflow_history", _("History")),
        ("admin.workflow_rights", _("Rights")),
        ("admin.workflow_see", _("See as")),
    )
    named = (request.endpoint or "").removesuffix("_one")
    here = named if named in dict(places) else "admin.workflow"  # what a button brought lies within the editor
    return [
        {"label": label, "url": url_for(endpoint), "active": here == endpoint, "count": None}
        for endpoint, label in places
    ]


def looked(draft: Draft) -> dict[str, Any]:
    """What the child says about a draft, beside the text in force and its live tickets."""
    from helpdesk.admin.workflow import drawing

    active = revisions.active()
    enclosed = {name: one.as_dict() for name, one in draft.enclosed.items()}
    about = {"live": live.by_state(), "active": drafts.files_of(active.id), "places": drawing.places()}
    return work.ask("look", draft.texts, **about, enclosed=enclosed)


def fragment(template: str, draft: Draft, *, status: int = 200, **about: Any) -> ResponseReturnValue:
    """A panel: alone for the page's script, within the page for who has none."""
    if is_fragment():
        return make_response(render_template(template, **about, draft=draft), status)
    return editor(draft, status=status, panel=template, **about)


def unreadable(problem: Invalid) -> list[dict[str, Any]]:
    """What could not be read, as sentences for a panel."""
    return [{"message": sentence} for sentence in problem.problems.values()]


def _too_much(refused: NotPossible) -> dict[str, Any]:
    place = {"file": "", "line": 1, "column": 1, "path": "", "hint": ""}
    return {"severity": "error", "code": "not_checked", "message": refused.sentence, **place}
