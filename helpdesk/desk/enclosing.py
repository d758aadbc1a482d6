"""The files of ready answers in an action's form: they stand among its files, and leave with the message.

A form names them as the workflow file does. Only what an answer of the desk in force brings along can be named, and
what the same person had put to a reply that has not left: never a file by its content, so that nobody attaches what
they may not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _

from helpdesk import settings
from helpdesk.desk import unsent
from helpdesk.errors import Invalid
from helpdesk.text import plain
from helpdesk.tickets.rich import Upload
from helpdesk.web.action_forms import MOST_FILES, AskForm
from helpdesk.web.gates import current_person
from helpdesk.workflows import revisions
from helpdesk.workflows.enclosures import Enclosure, names_in
from helpdesk.workflows.schema import Reply

FILES = "files"  # the input they stand among
NAMED = "files-enclosed"  # no field can be called so


def of(reply: Reply, form: AskForm) -> list[str]:
    """What an answer brings along, where the form takes files at all."""
    known = _known()
    return [name for name in reply.files if name in known] if FILES in form else []


def show(form: AskForm, names: Iterable[str] = ()) -> None:
    """Let the form list what was sent with it, and `names` besides. What is no file any more is left out."""
    if FILES in form:
        wanted = dict.fromkeys([*request.form.getlist(NAMED), *names])
        known = _known(wanted)
        form[FILES].enclosed = shown([name for name in wanted if name in known])


def shown(names: Iterable[str]) -> list[dict[str, Any]]:
    """Files as the form and its script list them."""
    names = list(names)
    known = _known(names)
    return [{"value": name, "name": known[name].filename, "size": known[name].size} for name in names]


def with_enclosed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form with the files that it named. Raises Invalid for what no answer brings along."""
    names = list(dict.fromkeys(request.form.getlist(NAMED)))
    if not names:
        return dict(values)
    known = _known(names)
    if wrong := next((name for name in names if name not in known), None):
        sentence = _("“%(name)s” is no file of a ready answer now. Insert the answer anew.", name=wrong[:80])
        raise Invalid({FILES: sentence})
    own = tuple(values.get(FILES) or ())
    both = (*own, *(known[name] for name in names))
    if len(both) > MOST_FILES:
        raise Invalid({FILES: _("At most %(most)s files at once.", most=MOST_FILES)})
    if sum(each.size for each in both) > settings.current().upload_limit:
        raise Invalid({FILES: _("These files are too large together. Take one out.")})
    return {**values, FILES: both}


def _upload(name: str, one: Enclosure) -> Upload:
    return Upload(_filename(name), one.content_type, one.sha256, one.size)


def _filename(name: str) -> str:
    return plain.filename(name.rpartition("/")[2])


def _known(names: Iterable[str] = ()) -> dict[str, Upload]:
    """What the answers of the desk in force bring along, and those of `names` that came with a reply of this person's
    which has not left.
    """
    active = revisions.active()
    brought = {name: active.enclosed[name] for name in names_in(active.desk) if name in active.enclosed}
    own = unsent.files_of(current_person(), names)
    return {name: _upload(name, one) for name, one in brought.items()} | own
