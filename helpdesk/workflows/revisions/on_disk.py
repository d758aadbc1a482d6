"""What the workflow file on the disk last said: kept as rows like every other text, so that a restart takes only what
is new, an editor overwrites nobody's work, and administrators are told of a file that was refused. Reads no disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from helpdesk.db import session, writing
from helpdesk.workflows.revisions import rows
from helpdesk.workflows.revisions.rows import Revision


def problems() -> list[dict[str, Any]]:
    """Why the file on the disk is not the active desk, for the administrators' banner; nothing when all is well."""
    last = _last()
    newer = last and session().scalar(
        select(Revision.id).where(Revision.id > last.id, Revision.activated_at.is_not(None))
    )
    return list(last.problems) if last is not None and not newer else []


def has_seen(files: Mapping[str, str]) -> bool:
    """Whether this is what stood on the disk when the desk last looked at it or wrote it, or is in force: whoever
    overwrites it destroys nobody's work.
    """
    last, newest = _last(), rows.newest()
    known = {last.hash if last and not last.problems else None, newest[1] if newest else None}
    return rows.hash_of(files) in known


def note_in_file(revision: int | None) -> int | None:
    """The file on the disk says what this revision says. Gives the revision."""
    with writing() as here:
        here.execute(update(Revision).where(Revision.id == revision).values(in_file=True))
    return revision


def named_files(texts: Mapping[str, bytes]) -> dict[str, str]:
    """What was read from a disk as it is kept: by the names of the files, without their folder."""
    return {Path(name).name: raw.decode("utf-8", "replace") for name, raw in texts.items()}


def is_known(files: Mapping[str, str], *, problems: list[dict[str, Any]]) -> bool:
    """Whether these files were the last to be looked at, with just these problems."""
    last = _last()
    return last is not None and last.hash == rows.hash_of(files) and last.problems == problems


def is_in_force(files: Mapping[str, str]) -> bool:
    """Whether the desk says this already, and no file came since: the desk wrote it, or somebody copied it."""
    last, newest = _last(), rows.newest()
    return newest is not None and newest[1] == rows.hash_of(files) and (last is None or last.id < newest[0])


def _last() -> Revision | None:
    """What the file said when it was last looked at or written."""
    return session().scalar(select(Revision).where(Revision.in_file).order_by(Revision.id.desc()).limit(1))
