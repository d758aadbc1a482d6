"""Every text the desk was given, in the order it came: the rows and their history. Asked by the rest of `revisions`, by
the pages and commands that show the past, and by whoever takes up an old text again. Checks nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, answer, session
from helpdesk.errors import NotFound
from helpdesk.workflows.enclosures import Enclosure, Enclosures, read_back
from helpdesk.workflows.load import load_texts
from helpdesk.workflows.schema import Desk


class Revision(Base):
    """One text of the workflow. Rows are only added; a refused file is kept with its problems and never activated."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    files: Mapped[dict[str, str]] = mapped_column(JSON)  # name of the file: its text
    enclosures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # files of ready answers, by their names
    origin: Mapped[str] = mapped_column(String(20))  # file, editor, command line, rollback
    author: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    in_file: Mapped[bool] = mapped_column(default=False)  # the file on the disk said just this

    @property
    def text(self) -> str:
        return "\n".join(self.files.values())

    @property
    def enclosed(self) -> dict[str, Enclosure]:
        """The files that its ready answers bring along, by their names."""
        return read_back(self.enclosures)


def get(revision: int) -> Revision:
    """A revision by its number, active or not. Raises NotFound."""
    row = session().get(Revision, revision) if 0 < revision < 2**31 else None  # no row has a greater key
    if row is None:
        raise NotFound(f"There is no revision {revision}.")
    return row


def desk_of(revision: int) -> Desk | None:
    """What a revision's text says; None where this version of the program cannot read it."""
    return load_texts({**get(revision).files}).desk


def history(limit: int = 100) -> list[Revision]:
    """The newest revisions first, refused ones included."""
    return list(session().scalars(select(Revision).order_by(Revision.id.desc()).limit(limit)))


NEWEST = (
    select(Revision.id, Revision.hash).where(Revision.activated_at.is_not(None)).order_by(Revision.id.desc()).limit(1)
)


def newest() -> tuple[int, str] | None:
    """Number and hash of the revision in force, as the database has it now; None before the first one."""
    row = answer(NEWEST).first()
    return (row[0], row[1]) if row else None


def newest_id() -> int | None:
    """The number of the revision in force."""
    found = newest()
    return found[0] if found else None


def add(
    files: Mapping[str, str],
    *,
    origin: str,
    author: str = "",
    note: str = "",
    problems: list[dict[str, Any]] | None = None,
    enclosed: Enclosures | None = None,
) -> Revision:
    """Keep a text, with the files that its answers bring along, which are in the store. With `problems` it is refused;
    else it is the newest one, in force once this is committed.
    """
    now, enclosed = clock.now(), enclosed or {}
    row = Revision(
        hash=hash_of(files, {name: one.sha256 for name, one in enclosed.items()}),
        files=dict(files),
        enclosures={name: one.as_dict() for name, one in enclosed.items()},
        origin=origin,
        author=author,
        note=note,
        problems=problems or [],
        created_at=now,
        activated_at=None if problems else now,
        in_file=origin == "file",
    )
    here = session()
    here.add(row)
    here.flush()
    return row


def hash_of(files: Mapping[str, str], enclosed: Mapping[str, str]) -> str:
    """One for the same texts under the same names, whatever their order, and the same contents of enclosed files."""
    whole = hashlib.sha256()
    for name, said in sorted(files.items()):
        whole.update(f"{name}\0{len(said)}\0".encode())
        whole.update(said.encode("utf-8", "surrogatepass"))
    for name, digest in sorted(enclosed.items()):
        whole.update(f"\0{name}\0{digest}\0".encode())
    return whole.hexdigest()
