"""What an administrator sees whose draft began with a revision that is in force no more: what came between, and what
their own text would change now. Nothing of theirs is lost and nothing of the other's overwritten (attack 95).
"""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from helpdesk.admin.workflow import drafts, page, past
from helpdesk.admin.workflow.drafts import Draft
from helpdesk.db import session
from helpdesk.workflows import revisions
from helpdesk.workflows.editing import work
from helpdesk.workflows.revisions import Revision


def is_(draft: Draft) -> bool:
    """Whether another text came into force since it was begun."""
    active = revisions.active()
    return draft.based_on != active.id and not drafts.says(draft, active.id)


def page_of(draft: Draft) -> ResponseReturnValue:
    """Somebody else was first: what they changed, and what one would change now."""
    newer = session().get_one(Revision, revisions.active().id)
    began, theirs = _began_with(draft), dict(newer.files)
    about: dict[str, Any] = {
        "newer": newer,
        "who": past.authors([newer]).get(newer.author, newer.author),
        "between": work.difference(began, theirs),
        "own": work.difference(theirs, draft.texts),
        "apart": with_theirs(draft) is not None,
    }
    return page.fragment("admin/workflow/_overtaken.html", draft, status=409, **about)


def with_theirs(draft: Draft) -> dict[str, str] | None:
    """The draft with what came into force meanwhile, or None where both changed the same lines."""
    return work.both(_began_with(draft), drafts.files_of(revisions.active().id), draft.texts)


def _began_with(draft: Draft) -> dict[str, str]:
    base = session().get(Revision, draft.based_on)
    return dict(base.files) if base else drafts.files_of(revisions.active().id)
