"""Which desk is active. The text lives in the database, so that all processes agree; the file is one of the ways it
gets there.

`active()` is asked by every door and page. It is read once per process and looked at again at most once a second, and
stays the same for the whole of a transaction, so that no action changes its rules half-way. `adopt_file` is called at
every start, `adopt` by the editor and the command line. Only `revisions` touches the database in this room; nothing
that checks a file imports it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, Engine, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, after_commit, is_sqlite, session, writing
from helpdesk.errors import HelpdeskError, Invalid, NotFound
from helpdesk.workflows import check
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.load import Loaded, load_texts, read_texts
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk

LOOK_AGAIN = 1.0  # seconds until another process's change must be seen

Stranded = Callable[[Desk], list[str]]  # sentences about tickets that the desk would leave without a state


class Revision(Base):
    """One text of the workflow. Rows are only added; a refused file is kept with its problems and never activated."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    files: Mapped[dict[str, str]] = mapped_column(JSON)  # name of the file: its text
    origin: Mapped[str] = mapped_column(String(20))  # file, editor, rollback
    author: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)

    @property
    def text(self) -> str:
        return "\n".join(self.files.values())


@dataclass(frozen=True)
class Active:
    """The desk that is in force, and the id of its revision, which every event carries."""

    id: int
    hash: str
    desk: Desk

    @cached_property
    def rules(self) -> Rules:
        return Rules(self.desk)


@dataclass(frozen=True)
class Adopted:
    """What became of a text: `revision` is the active one's id, `changed` whether it is new, `findings` what stood in
    the way.
    """

    revision: int | None
    changed: bool
    findings: list[Finding]
    stranded: list[str]


class NoDeskError(HelpdeskError):
    """There is no workflow in force."""

    code = "no_workflow"
    status = 503


def active() -> Active:
    """The desk in force. Raises `NoDeskError` before the first one was adopted."""
    here = session()
    pinned: tuple[object, Active] | None = here.info.get("revision")
    if pinned is not None and pinned[0] is here.get_transaction() and pinned[0] is not None:
        return pinned[1]
    found = _current(here)
    here.info["revision"] = (here.get_transaction(), found)
    return found


def adopt_file(path: str | Path, *, stranded: Stranded | None = None) -> Adopted:
    """Make the file the active desk if it is new, clean and strands no ticket; else the active one stays.

    A file that was seen before is left alone, so a change made in the editor outlives a restart. What was found is
    kept, so that administrators are told (`problems`). Raises OSError if the file cannot be read.
    """
    texts = read_texts(path)
    files = {Path(name).name: raw.decode("utf-8", "replace") for name, raw in texts.items()}
    if _is_known(files, problems=[]):
        return Adopted(_newest_id(session()), changed=False, findings=[], stranded=[])
    loaded = check.run_texts({**texts})
    left = stranded(loaded.desk) if stranded and loaded.desk and not _errors(loaded) else []
    problems = [finding.as_dict() for finding in _errors(loaded)] + [{"message": sentence} for sentence in left]
    with writing() as here:
        _one_at_a_time(here)
        new = not _is_known(files, problems=problems)
        if new:
            _record(files, origin="file", author="", note="", problems=problems)
        newest = _newest_id(here)
    return Adopted(newest, changed=new and not problems, findings=loaded.findings, stranded=left)


def adopt(
    files: str | Mapping[str, str],
    *,
    author: str,
    note: str = "",
    origin: str = "editor",
    stranded: Stranded | None = None,
) -> Adopted:
    """Make a text the active desk. Raises `Invalid` with the findings' sentences when it has errors or strands
    tickets.
    """
    named = {"workflows.yaml": files} if isinstance(files, str) else dict(files)
    loaded = check.run_texts({**named})
    left = stranded(loaded.desk) if stranded and loaded.desk else []
    problems = {f"{f.file}:{f.line}:{f.column}": f.message for f in _errors(loaded)} | dict.fromkeys(left, "")
    if problems:
        raise Invalid({where: sentence or where for where, sentence in problems.items()})
    row = _record(named, origin=origin, author=author, note=note, problems=[])
    return Adopted(row, changed=True, findings=loaded.findings, stranded=[])


def rollback(revision: int, *, author: str, stranded: Stranded | None = None) -> Adopted:
    """Make an earlier revision's text active again, as a new revision."""
    row = session().get(Revision, revision)
    if row is None:
        raise NotFound("There is no such revision.")
    note = f"Back to revision {revision}."
    return adopt(row.files, author=author, note=note, origin="rollback", stranded=stranded)


def history(limit: int = 100) -> list[Revision]:
    """The newest revisions first, refused ones included."""
    return list(session().scalars(select(Revision).order_by(Revision.id.desc()).limit(limit)))


def problems() -> list[dict[str, Any]]:
    """Why the file on the disk is not the active desk, for the administrators' banner; nothing when all is well."""
    last = _last_file()
    newer = last and session().scalar(
        select(Revision.id).where(Revision.id > last.id, Revision.activated_at.is_not(None))
    )
    return list(last.problems) if last is not None and not newer else []


def _last_file() -> Revision | None:
    """What the file on the disk said when it was last looked at."""
    return session().scalar(select(Revision).where(Revision.origin == "file").order_by(Revision.id.desc()).limit(1))


def _is_known(files: Mapping[str, str], *, problems: list[dict[str, Any]]) -> bool:
    """Whether these files were the last to be looked at, with just these problems."""
    last = _last_file()
    return last is not None and last.hash == _hash(files) and last.problems == problems


def _one_at_a_time(here: Session) -> None:
    """Of several processes that start with a new file one records it; on SQLite there is only one writer anyway."""
    if not is_sqlite(here):
        here.execute(text("LOCK TABLE revisions IN SHARE ROW EXCLUSIVE MODE"))


@dataclass
class _Looked:
    at: float
    found: Active


_looked: WeakKeyDictionary[Engine, _Looked] = WeakKeyDictionary()


def _current(here: Session) -> Active:
    engine = here.get_bind().engine
    looked = _looked.get(engine)
    if looked is not None and time.monotonic() - looked.at < LOOK_AGAIN:
        return looked.found
    newest = _newest(here)
    if newest is None:
        raise NoDeskError("There is no workflow yet. Put one in workflows.yaml and start again.")
    if looked is not None and (looked.found.id, looked.found.hash) == newest:
        found = looked.found
    else:
        found = _loaded(here, newest[0])
    _looked[engine] = _Looked(time.monotonic(), found)
    return found


def _newest(here: Session) -> tuple[int, str] | None:
    rows = select(Revision.id, Revision.hash).where(Revision.activated_at.is_not(None)).order_by(Revision.id.desc())
    row = here.execute(rows.limit(1)).first()
    return (row[0], row[1]) if row else None


def _newest_id(here: Session) -> int | None:
    newest = _newest(here)
    return newest[0] if newest else None


def _loaded(here: Session, revision: int) -> Active:
    row = here.get_one(Revision, revision)
    loaded = load_texts({**row.files})
    if loaded.desk is None:
        first = loaded.findings[0]
        raise NoDeskError(f"This version of the program cannot read workflow revision {revision}: {first}")
    return Active(revision, row.hash, loaded.desk)


def _record(files: dict[str, str], *, origin: str, author: str, note: str, problems: list[dict[str, Any]]) -> int:
    now = clock.now()
    with writing() as here:
        row = Revision(
            hash=_hash(files),
            files=files,
            origin=origin,
            author=author,
            note=note,
            problems=problems,
            created_at=now,
            activated_at=None if problems else now,
        )
        here.add(row)
        here.flush()
        after_commit(_forget)
        return row.id


def _forget() -> None:
    """This process sees its own change at once."""
    _looked.pop(session().get_bind().engine, None)
    session().info.pop("revision", None)


def _errors(loaded: Loaded) -> list[Finding]:
    return [finding for finding in loaded.findings if finding.severity == "error"]


def _hash(files: Mapping[str, str]) -> str:
    whole = hashlib.sha256()
    for name, said in sorted(files.items()):
        whole.update(f"{name}\0{len(said)}\0".encode())
        whole.update(said.encode("utf-8", "surrogatepass"))
    return whole.hexdigest()
