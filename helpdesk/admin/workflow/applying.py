"""Making a draft the desk. Who began with an older revision is shown what came between, and nothing is overwritten
(two administrators at once; attack 95): the revision the draft was begun with goes along and must still be in force.
"""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk import settings
from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts, overtaken, page, trying
from helpdesk.admin.workflow.drafts import Draft
from helpdesk.errors import Invalid, NotPossible
from helpdesk.rollout.apply import apply
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions
from helpdesk.workflows.enclosures import Known

LONGEST_NOTE = 500


@bp.post("/workflow/apply", endpoint="workflow_apply")
@for_admin
def put_in_force() -> ResponseReturnValue:
    """The draft becomes the desk, with its tickets moved, or nothing happens."""
    draft, note = drafts.sent(), request.form.get("note", "").strip()[:LONGEST_NOTE]
    active = revisions.active()
    if drafts.says(draft, active.id):  # sent twice, or nothing was written
        return _done(active.id, is_new=draft.based_on != active.id)
    if overtaken.is_(draft):
        return overtaken.page_of(draft)
    if not note:
        return _refused(draft, _("Say in a few words what you changed, for the history."))
    about = trying.about(draft, trying.moves())
    if about["errors"]:
        return page.fragment("admin/workflow/_plan.html", draft, status=422, **about)
    try:
        applied = apply(
            draft.texts,
            author=current_person().email,
            note=note,
            origin="editor",
            based_on=draft.based_on,
            moves=trying.moves(),
            path=settings.current().workflow_path,
            beside=Known(draft.enclosed),
        )
    except (Invalid, NotPossible) as refused:
        if revisions.active().id != draft.based_on:
            return overtaken.page_of(draft)
        return _refused(draft, refused.sentence)
    return _done(applied.revision, " ".join(applied.sentences[1:]), is_new=applied.changed)


@bp.post("/workflow/rebase", endpoint="workflow_rebase")
@for_admin
def rebase() -> ResponseReturnValue:
    """Go on from the revision in force with one's own text: the difference was shown."""
    draft = drafts.sent()
    _follow(draft, draft.texts)
    flash(_("Your text now follows revision %(id)s.", id=revisions.active().id), "success")
    return _to_the_page()


@bp.post("/workflow/together", endpoint="workflow_together")
@for_admin
def bring_together() -> ResponseReturnValue:
    """Go on from the revision in force with both changes in one text."""
    draft = drafts.sent()
    merged = overtaken.with_theirs(draft)
    if merged is None:  # somebody was first once more, at the same lines
        return overtaken.page_of(draft)
    _follow(draft, merged)
    flash(_("Your text now holds both changes. Read its plan before you apply it."), "success")
    return _to_the_page()


def _follow(draft: Draft, texts: dict[str, str]) -> None:
    """Keep `texts` as the draft that follows the revision in force."""
    active = revisions.active()
    own = {name: one for name, one in draft.enclosed.items() if name in draft.added or name not in active.enclosed}
    drafts.keep(current_person(), Draft(texts, active.id, own=True, added=own))


def _done(revision: int, told: str = "", *, is_new: bool) -> ResponseReturnValue:
    """`told`: what happened to tickets and to the file on the disk."""
    drafts.discard(current_person())
    if is_new:
        flash(_("Revision %(id)s is in force. Pages that stand open follow within seconds.", id=revision), "success")
    else:
        flash(_("Nothing changes: revision %(id)s is in force.", id=revision), "info")
    if told:
        flash(told, "info")
    return _to_the_page()


def _refused(draft: Draft, sentence: str) -> ResponseReturnValue:
    about = trying.about(draft, trying.moves())
    return page.fragment("admin/workflow/_plan.html", draft, status=422, problem=sentence, **about)


def _to_the_page() -> ResponseReturnValue:
    target = url_for("admin.workflow")
    return make_response("", 200, {"HX-Redirect": target}) if is_fragment() else redirect(target, 303)
