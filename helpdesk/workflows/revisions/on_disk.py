"""What the workflow file on the disk last said: kept as rows like every other text, so that a restart takes only what
is new, an editor overwrites nobody's work, and administrators are told of a file that was refused. The disk itself is
only asked through `Beside`: what the files hold that ready answers bring along.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from helpdesk.db import session, writing
from helpdesk.workflows.enclosures import Beside, Enclosures, digests
from helpdesk.workflows.revisions import rows
from helpdesk.workflows.revisions.rows import Revision


def problems() -> list[dict[str, Any]]:
    """Why the file on the disk is not the active desk, for the administrators' banner; nothing when all is well."""
    last = _last()
    newer = last and session().scalar(
        select(Revision.id).where(Revision.id > last.id, Revision.activated_at.is_not(None))
    )
    return list(last.problems) if last is not None and not newer else []


def seen(files: Mapping[str, str], beside: Beside) -> Enclosures | None:
    """If this is what stood on the disk when the desk last looked at it or wrote it, or is in force, the files that its
    answers brought along then: whoever overwrites it destroys nobody's work. None where it is not.
    """
    last = _last()
    for row in (last if last and not last.problems else None, _newest()):
        if row is not None and _is_as(row, files, beside):
            return row.enclosed
    return None


def note_in_file(revision: int | None) -> int | None:
    """The file on the disk says what this revision says. Gives the revision."""
    with writing() as here:
        here.execute(update(Revision).where(Revision.id == revision).values(in_file=True))
    return revision


def named_files(texts: Mapping[str, bytes]) -> dict[str, str]:
    """What was read from a disk as it is kept: by the names of the files, without their folder."""
    return {Path(name).name: raw.decode("utf-8", "replace") for name, raw in texts.items()}


def is_known(files: Mapping[str, str], beside: Beside | None = None, *, problems: list[dict[str, Any]]) -> bool:
    """Whether these files were the last to be looked at, with just these problems."""
    last = _last()
    return last is not None and last.problems == problems and _is_as(last, files, beside)


def is_in_force(files: Mapping[str, str], beside: Beside) -> bool:
    """Whether the desk says this already, and no file came since: the desk wrote it, or somebody copied it."""
    last, newest = _last(), _newest()
    return newest is not None and (last is None or last.id < newest.id) and _is_as(newest, files, beside)


def as_in_force(files: Mapping[str, str], enclosed: Enclosures) -> int | None:
    """The number of the revision in force, if it says just this.

    After a file that was refused it says it once more, as a revision of its own: so whoever applies it settles that
    this is the desk, and not the file.
    """
    newest = _newest()
    if newest is None or problems() or newest.enclosed != dict(enclosed):
        return None
    return newest.id if _same(newest.files, files) else None


def _is_as(row: Revision, files: Mapping[str, str], beside: Beside | None) -> bool:
    """Whether these texts, and what lies beside them, are what the row has. The same texts name the same files."""
    here = digests(row.enclosures, beside)
    return _same(row.files, files) and here == {name: one.sha256 for name, one in row.enclosed.items()}


def _same(some: Mapping[str, str], others: Mapping[str, str]) -> bool:
    """Whether these are the same texts. What the one file of a desk is called says nothing."""
    if len(some) == len(others) == 1:
        return list(some.values()) == list(others.values())
    return dict(some) == dict(others)


def _newest() -> Revision | None:
    newest = rows.newest_id()
    return session().get(Revision, newest) if newest is not None else None


def _last() -> Revision | None:
    """What the file said when it was last looked at or written."""
    return session().scalar(select(Revision).where(Revision.in_file).order_by(Revision.id.desc()).limit(1))
