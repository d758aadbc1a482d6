"""What an administrator is writing: the texts of a workflow that is not in force yet, and the revision they began with.

One draft a person, kept in the data, so that neither a reload nor a crash loses a word. Asked by the editor's pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext as _

from helpdesk import stored
from helpdesk.db import session, writing
from helpdesk.errors import Invalid
from helpdesk.people.models import Person
from helpdesk.web.gates import current_person
from helpdesk.web.readable import number
from helpdesk.workflows import revisions
from helpdesk.workflows.enclosures import Enclosure, read_back
from helpdesk.workflows.revisions import Revision

MOST_FILES = 40
_FILE = re.compile(r"[\w][\w .-]{0,79}\.ya?ml")


@dataclass(frozen=True)
class Draft:
    """`based_on`: the revision it was begun with. `own`: something was changed and kept. `added`: files of ready
    answers besides those of that revision.
    """

    texts: dict[str, str]
    based_on: int
    own: bool = False
    added: dict[str, Enclosure] = field(default_factory=dict)

    @property
    def enclosed(self) -> dict[str, Enclosure]:
        """All the files its answers can bring along."""
        row = session().get(Revision, self.based_on)
        return {**(row.enclosed if row else {}), **self.added}


def of(person: Person) -> Draft:
    """What this person is writing, or the text in force where they have changed nothing."""
    kept = stored.get(_key(person))
    if kept is not None:
        added = read_back(kept.get("added"))
        return Draft(dict(kept["texts"]), int(kept["based_on"]), own=True, added=added)
    active = revisions.active()
    return Draft(files_of(active.id), active.id)


def keep(person: Person, draft: Draft) -> None:
    """Keep it. What says the same as the revision it began with is no draft."""
    with writing():
        if not draft.added and session().get(Revision, draft.based_on) is not None and says(draft, draft.based_on):
            stored.forget(_key(person))
        else:
            added = {name: one.as_dict() for name, one in draft.added.items()}
            stored.put(_key(person), {"texts": draft.texts, "based_on": draft.based_on, "added": added})


def says(draft: Draft, revision: int) -> bool:
    """Whether the draft says what the revision says, and its answers bring the same files along."""
    row = session().get_one(Revision, revision)
    enclosed = draft.enclosed
    return row.files == draft.texts and all(enclosed.get(name) == one for name, one in row.enclosed.items())


def discard(person: Person) -> None:
    """Back to the text in force."""
    with writing():
        stored.forget(_key(person))


def sent() -> Draft:
    """The texts that this request sent, by the names of their files, with the files that were added to the draft
    before. Raises Invalid where there are none, or a name is no name of a file.
    """
    names, texts = request.form.getlist("file"), request.form.getlist("text")
    if not names or len(names) != len(texts) or len(names) > MOST_FILES or len(set(names)) != len(names):
        raise Invalid({"text": _("There is no text to look at. Open the page anew.")})
    active = revisions.active()
    known = files_of(active.id)  # whatever the file of this desk is called
    if wrong := next((name for name in names if name not in known and not _FILE.fullmatch(name)), None):
        raise Invalid({"file": _("“%(name)s” is no name for a workflow file: it ends in .yaml.", name=wrong[:80])})
    based_on = request.form.get("based_on", type=number) or active.id
    added = of(current_person()).added
    written = {name: _lines(text) for name, text in zip(names, texts, strict=True)}
    return Draft(written, based_on, own=True, added=added)


def files_of(revision: int) -> dict[str, str]:
    row = session().get_one(Revision, revision)
    return dict(row.files)


def _lines(text: str) -> str:
    """As a file has them: a browser sends line ends of its own."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _key(person: Person) -> str:
    return f"workflow_draft:{person.id}"
