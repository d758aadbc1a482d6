"""The files that ready answers bring along, in the editor: those the draft knows, and adding one. They are kept with
the draft; nothing of this machine's disk can be named here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk import files
from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts, page
from helpdesk.admin.workflow.drafts import Draft
from helpdesk.text import plain
from helpdesk.web import limits
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows.enclosures import LARGEST, Enclosure, type_of
from helpdesk.workflows.filenames import bad_name

MOST_ADDED = 100  # files of one draft
# Applying writes it beside the workflow file, perhaps where programs are looked for: so nothing that one could run.
PAPERS = frozenset(
    "pdf txt csv rtf doc docx xls xlsx ppt pptx odt ods odp ics vcf eml png jpg jpeg gif webp heic tif tiff mp3 m4a "
    "ogg wav mp4 mov webm zip".split()
)


@bp.post("/workflow/files", endpoint="workflow_enclosures")
@for_admin
def listed() -> ResponseReturnValue:
    """The panel: what the draft's answers can bring along."""
    return _panel(drafts.sent())


@bp.post("/workflow/files/add", endpoint="workflow_enclose")
@for_admin
def add() -> ResponseReturnValue:
    """Keep a file with the draft, under its own name; one of that name gives way to it in the draft."""
    limits.spend("workflow_try", str(current_person().id))
    draft = drafts.sent()
    sent = request.files.get("enclosure")
    name = plain.filename(sent.filename or "", fallback="") if sent else ""
    content = sent.read(LARGEST + 1) if sent else b""
    if problem := _refusal(draft, name, content):
        return _panel(draft, problem=problem, status=422)
    kept = files.store(content)
    added = {**draft.added, name: Enclosure(kept.sha256, kept.size, type_of(name))}
    draft = replace(draft, added=added)
    drafts.keep(current_person(), draft)
    response = _panel(draft, new=name)
    if isinstance(response, Response):
        response.headers["HX-Trigger"] = "enclosed"
    return response


def _refusal(draft: Draft, name: str, content: bytes) -> str:
    """Why a file cannot be added, as a sentence; empty if it can."""
    if not name:
        return _("Choose a file first.")
    if problem := bad_name(name):
        return problem
    if name.rpartition(".")[2].lower() not in PAPERS:
        return _("Documents, pictures, sound and film can be added here. Put other files beside the workflow file.")
    if len(content) > LARGEST:
        return _("“%(name)s” is too large: a ready answer brings at most 10 MB along.", name=name)
    if len(draft.added) >= MOST_ADDED and name not in draft.added:
        return _("This draft has as many files as a draft can have. Apply it, then add more.")
    return ""


def _panel(draft: Draft, *, status: int = 200, problem: str = "", new: str = "") -> ResponseReturnValue:
    shown: list[dict[str, Any]] = [
        {"name": name, "size": one.size, "content_type": one.content_type, "is_added": name in draft.added}
        for name, one in sorted(draft.enclosed.items())
    ]
    about = {"enclosures": shown, "problem": problem, "new": new}
    return page.fragment("admin/workflow/_enclosures.html", draft, status=status, **about)
