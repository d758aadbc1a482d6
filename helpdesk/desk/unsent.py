"""What somebody wrote on a ticket and has not left yet: shown to them alone, and put back into the form it was written
in.

The desk's pages ask here; `undoing` does what its buttons say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from flask import request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from helpdesk import clock
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.text import html as markup
from helpdesk.tickets import waiting
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rich import NOTHING, Upload
from helpdesk.tickets.waiting import WaitingReply
from helpdesk.web.action_forms import AskForm
from helpdesk.web.readable import number
from helpdesk.workflows import revisions

MINE = "waiting"  # the name of the control that says which of them a form continues
BACK = re.compile(r"back/([0-9]{1,9})/([0-9]{1,3})")  # a file of one of them, as `put_back` names it
OF_THE_PAGE = ("csrf_token", "nonce", "seen", "confirmed", "files-enclosed", MINE)


def shown(person: Person, ticket: Ticket, waits: Collection[Any]) -> list[dict[str, Any]]:
    """For desk/_waiting.html. `waits`: whether there is any is known already (`known.beside`), so that where nothing
    waits nothing is asked. What the file says now is no part of it: a text that was stopped stays its writer's.
    """
    if not waits:
        return []
    actions = revisions.active().desk.workflows[ticket.workflow].actions
    return [
        {
            "id": row.id,
            "label": actions[row.action].label if row.action in actions else row.action,
            "leaves_at": row.leaves_at,
            "seconds": max(0, round((row.leaves_at - clock.now()).total_seconds())),
            "stopped": row.stopped,
            "why": row.why,
            "files": [each.filename for each in waiting.files(row)],
            "urls": {what: _url(ticket, row, what) for what in ("undo", "send", "discard")},
            "edit_url": url_for("desk.do", ref=ticket.ref, action=row.action, waiting=row.id),
            **_words(row),
        }
        for row in waiting.of(person.id, [ticket.id])
    ]


def continued(person: Person, ticket: Ticket, *, may_be_gone: bool = False) -> WaitingReply | None:
    """The one that this page's form continues. Raises NotFound for one that is not this person's, or has left, unless
    it `may_be_gone`, as when a form is sent twice.
    """
    reply_id = request.values.get(MINE, type=number)
    if not reply_id:
        return None
    try:
        return waiting.find(person.id, ticket.id, reply_id)
    except NotFound:
        if may_be_gone:
            return None
        raise


def put_back(form: AskForm, row: WaitingReply) -> list[str]:
    """The form as it was sent. Gives the names under which its files stand in it (`enclosing`)."""
    form.process(MultiDict([(name, value) for name, values in row.form.items() for value in values]))
    return [f"back/{row.id}/{place}" for place, _ in enumerate(waiting.files(row))]


def typed() -> dict[str, list[str]]:
    """What this request's form holds, without what belongs to the page."""
    return {name: values for name, values in request.form.lists() if name not in OF_THE_PAGE}


def files_of(person: Person, names: Iterable[str]) -> dict[str, Upload]:
    """The files that these names stand for, as far as this person wrote what they belong to."""
    wanted = {name: (int(found[1]), int(found[2])) for name in names if (found := BACK.fullmatch(name))}
    if not wanted:
        return {}
    rows = waiting.by_id(person.id, {reply_id for reply_id, _ in wanted.values()})
    kept = {(row.id, place): one for row in rows for place, one in enumerate(waiting.files(row))}
    return {name: kept[which] for name, which in wanted.items() if which in kept}


def _words(row: WaitingReply) -> dict[str, Any]:
    said = waiting.thawed(row.values).get("message") or NOTHING
    html = Markup(markup.clean(said.html)) if said.html else ""  # noqa: S704 - the sanitiser's word
    return {"text": said.text, "html": html}


def _url(ticket: Ticket, row: WaitingReply, what: str) -> str:
    return url_for("desk.waiting", ref=ticket.ref, reply_id=row.id, what=what)
