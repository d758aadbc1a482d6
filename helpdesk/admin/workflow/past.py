"""Every revision with who and when, what it changed, and the way back to it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from helpdesk.admin.blueprint import bp
from helpdesk.admin.pages import page as paged
from helpdesk.admin.workflow import drafts, page
from helpdesk.admin.workflow.drafts import Draft
from helpdesk.db import session
from helpdesk.errors import NotFound, NotPossible
from helpdesk.people.models import Address, Person
from helpdesk.rollout.differences import Difference, held_otherwise
from helpdesk.web.gates import current_person, for_admin
from helpdesk.web.readable import number
from helpdesk.workflows import revisions
from helpdesk.workflows.editing import work
from helpdesk.workflows.revisions import Revision


@bp.get("/workflow/history", endpoint="workflow_history")
@for_admin
def history() -> ResponseReturnValue:
    """The newest first."""
    rows, pager = paged(select(Revision), Revision.id)
    people = authors(rows)
    about = {"revisions": [_row(row, people) for row in rows], "pager": pager, "views": page.views()}
    return render_template("admin/workflow/history.html", **about)


@bp.get("/workflow/history/<int:revision>", endpoint="workflow_history_one")
@for_admin
def one(revision: int) -> ResponseReturnValue:
    """What a revision changed: beside the one in force before it, or any other that `against` names."""
    row = _revision(revision)
    against = request.args.get("against", type=number)
    other = _revision(against) if against else _before(row)
    try:
        files, problem = work.difference(dict(other.files) if other else {}, dict(row.files)), ""
    except NotPossible as refused:
        files, problem = [], refused.sentence
    about = {
        "revision": _row(row, authors([row])),
        "against": other.id if other else None,
        "files": files,
        "enclosed": [each.name for each in _held_otherwise(other, row)],
        "problem": problem,
        "active_id": revisions.active().id,
        "views": page.views(),
    }
    return render_template("admin/workflow/revision.html", **about)


def _held_otherwise(before: Revision | None, after: Revision) -> tuple[Difference, ...]:
    """The files of ready answers that changed under the same name: no text says so."""
    digests = {name: one.sha256 for name, one in after.enclosed.items()}
    return held_otherwise(before.enclosed, digests) if before else ()


@bp.post("/workflow/history/<int:revision>/take", endpoint="workflow_take")
@for_admin
def take(revision: int) -> ResponseReturnValue:
    """Back to this text: it becomes the draft, so that its plan is read before it counts."""
    row = _revision(revision)
    draft = Draft(dict(row.files), revisions.active().id, own=True, added=row.enclosed)
    drafts.keep(current_person(), draft)
    flash(_("The text of revision %(id)s is your draft now. Read the plan, then apply it.", id=revision), "success")
    return redirect(url_for("admin.workflow"), 303)


def _row(row: Revision, people: dict[str, str]) -> dict[str, Any]:
    origins = {"file": _("file"), "editor": _("editor"), "rollback": _("rollback")}
    return {
        "id": row.id,
        "at": row.created_at,
        "author": people.get(row.author, row.author),
        "note": row.note,
        "origin": origins.get(row.origin, row.origin),
        "is_refused": row.activated_at is None,
        "is_active": row.id == revisions.active().id,
        "problems": row.problems,
        "url": url_for("admin.workflow_history_one", revision=row.id),
        "take_url": url_for("admin.workflow_take", revision=row.id),
    }


def authors(rows: list[Revision]) -> dict[str, str]:
    """The names of those who still have the address they are noted with, in one question."""
    wanted = {row.author for row in rows if "@" in row.author}
    found = select(Address.value, func.max(Person.name)).join(Person).where(Address.value.in_(wanted))
    return {address: name for address, name in session().execute(found.group_by(Address.value)) if name}


def _before(row: Revision) -> Revision | None:
    """The revision that was in force when this one came."""
    earlier = select(Revision).where(Revision.id < row.id, Revision.activated_at.is_not(None))
    return session().scalar(earlier.order_by(Revision.id.desc()).limit(1))


def _revision(revision: int) -> Revision:
    row = session().get(Revision, revision)
    if row is None:
        raise NotFound(_("There is no such revision."))
    return row
