"""Which desk is active. The text lives in the database, so that all processes agree; the file is one of the ways it
gets there.

`active()` is asked by every door and page. It is read once per process and looked at again at most once a second, and
stays the same for the whole of a transaction, so that no action changes its rules half-way; whoever writes looks each
time, and is waited for by whoever makes another desk active. `adopt_file` and `adopt` know no tickets: `rollout.apply`
calls them and brings what tickets need (`Tickets`). Only `revisions` touches the database in this room; nothing that
checks a file imports it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, Engine, String, Text, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, after_commit, answer, is_sqlite, is_writing, session, writing
from helpdesk.errors import HelpdeskError, Invalid, NotFound, NotPossible
from helpdesk.workflows import check
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.load import Loaded, load_texts, read_texts
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk

LOOK_AGAIN = 1.0  # seconds until another process's change must be seen

DOORS = "tickets"  # the table that every door holds while it writes; only its name is known here
MEANWHILE = "Somebody else changed the workflow meanwhile. Look at what is new, then apply again."


class Revision(Base):
    """One text of the workflow. Rows are only added; a refused file is kept with its problems and never activated."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    files: Mapped[dict[str, str]] = mapped_column(JSON)  # name of the file: its text
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
    """What became of a text: `revision` is the active one's id, `changed` whether it is new, `findings` what was found
    in it, `reasons` what else stood in the way: tickets that would be stranded, a file that cannot be read.
    """

    revision: int | None
    changed: bool
    findings: list[Finding]
    reasons: list[str]


class Tickets(Protocol):
    """What live tickets need when another desk comes into force; `rollout` knows. Both are called while no door is open
    and in the transaction that activates the desk.
    """

    def stranded(self, after: Desk, /) -> list[str]:
        """Sentences about tickets that the desk would leave without a state."""

    def carry(self, before: Desk | None, after: Desk, revision: int, /) -> None:
        """Bring the tickets along."""


class NoTickets:
    """A desk whose tickets nobody asks about: a stage, a test."""

    def stranded(self, after: Desk, /) -> list[str]:
        return []

    def carry(self, before: Desk | None, after: Desk, revision: int, /) -> None:
        return None


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
    found = _held(here) if is_writing() else _current(here)
    here.info["revision"] = (here.get_transaction(), found)
    return found


def adopt_file(path: str | Path, *, tickets: Tickets | None = None) -> Adopted:
    """Make the file the active desk if it is new, clean and strands no ticket; else the active one stays.

    A file that was seen before is left alone, so a change made in the editor outlives a restart. What was found is
    kept, so that administrators are told (`problems`). Raises OSError if the file cannot be read and there is no desk.
    """
    tickets = tickets or NoTickets()
    try:
        texts = read_texts(path)
    except OSError as error:
        if newest_id() is None:
            raise
        return _unreadable(path, error)
    files = named_files(texts)
    if _is_known(files, problems=[]):
        return Adopted(newest_id(), changed=False, findings=[], reasons=[])
    if _is_in_force(files):
        return Adopted(note_in_file(newest_id()), changed=False, findings=[], reasons=[])
    loaded = check.run_texts({**texts})
    with writing() as here:
        close_doors()
        left = tickets.stranded(loaded.desk) if loaded.desk and not _errors(loaded) else []
        problems = [finding.as_dict() for finding in _errors(loaded)] + [{"message": sentence} for sentence in left]
        new = not _is_known(files, problems=problems)
        if new:
            before = _before(here)
            revision = _record(files, origin="file", author="", note="", problems=problems, desk=loaded.desk)
            if loaded.desk and not problems:
                tickets.carry(before, loaded.desk, revision)
        newest = newest_id()
    return Adopted(newest, changed=new and not problems, findings=loaded.findings, reasons=left)


def _unreadable(path: str | Path, error: OSError) -> Adopted:
    """The desk goes on without its file, and administrators are told."""
    reason = f"{Path(path).name} cannot be read: {error.strerror or error}."
    problems = [{"message": reason}]
    with writing():
        close_doors()
        if not _is_known({}, problems=problems):
            _record({}, origin="file", author="", note="", problems=problems, desk=None)
    return Adopted(newest_id(), changed=False, findings=[], reasons=[reason])


def adopt(
    files: str | Mapping[str, str],
    *,
    author: str,
    note: str = "",
    origin: str = "editor",
    based_on: int | None = None,
    tickets: Tickets | None = None,
) -> Adopted:
    """Make a text the active desk. `based_on`: the revision it was made from; where another one is in force by now it
    is refused as `stale`, so that two administrators do not overwrite each other.

    Raises `Invalid` with the findings' sentences when it has errors or strands tickets, `NotPossible` when it is stale.
    """
    tickets = tickets or NoTickets()
    named = {"workflows.yaml": files} if isinstance(files, str) else dict(files)
    loaded = check.run_texts({**named})
    if loaded.desk is None:
        raise Invalid({f"{f.file}:{f.line}:{f.column}": f.message for f in _errors(loaded)})
    with writing() as here:
        close_doors()
        if based_on is not None and newest_id() != based_on:
            raise NotPossible(MEANWHILE, code="stale")
        if left := tickets.stranded(loaded.desk):
            raise Invalid({sentence: sentence for sentence in left}, code="stranded")
        before = _before(here)
        revision = _record(named, origin=origin, author=author, note=note, problems=[], desk=loaded.desk)
        tickets.carry(before, loaded.desk, revision)
    return Adopted(revision, changed=True, findings=loaded.findings, reasons=[])


def get(revision: int) -> Revision:
    """A revision by its number, active or not. Raises NotFound."""
    row = session().get(Revision, revision)
    if row is None:
        raise NotFound(f"There is no revision {revision}.")
    return row


def desk_of(revision: int) -> Desk | None:
    """What a revision's text says; None where this version of the program cannot read it."""
    return load_texts({**get(revision).files}).desk


def named_files(texts: Mapping[str, bytes]) -> dict[str, str]:
    """What was read from a disk as it is kept: by the names of the files, without their folder."""
    return {Path(name).name: raw.decode("utf-8", "replace") for name, raw in texts.items()}


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


def has_seen(files: Mapping[str, str]) -> bool:
    """Whether this is what stood on the disk when the desk last looked at it or wrote it, or is in force: whoever
    overwrites it destroys nobody's work.
    """
    last, newest = _last_file(), _newest()
    known = {last.hash if last and not last.problems else None, newest[1] if newest else None}
    return _hash(files) in known


def note_in_file(revision: int | None) -> int | None:
    """The file on the disk says what this revision says. Gives the revision."""
    with writing() as here:
        here.execute(update(Revision).where(Revision.id == revision).values(in_file=True))
    return revision


def _last_file() -> Revision | None:
    """What the file on the disk said when it was last looked at or written."""
    return session().scalar(select(Revision).where(Revision.in_file).order_by(Revision.id.desc()).limit(1))


def _is_known(files: Mapping[str, str], *, problems: list[dict[str, Any]]) -> bool:
    """Whether these files were the last to be looked at, with just these problems."""
    last = _last_file()
    return last is not None and last.hash == _hash(files) and last.problems == problems


def _is_in_force(files: Mapping[str, str]) -> bool:
    """Whether the desk says this already, and no file came since: the desk wrote it, or somebody copied it."""
    last, newest = _last_file(), _newest()
    return newest is not None and newest[1] == _hash(files) and (last is None or last.id < newest[0])


def close_doors() -> None:
    """Wait until nobody is in the middle of an action, and let nobody begin one until this transaction ends. On SQLite
    there is only one writer anyway. Pages can be read meanwhile.
    """
    if not is_sqlite():
        session().execute(text(f"LOCK TABLE {DOORS} IN EXCLUSIVE MODE"))


def _held(here: Session) -> Active:
    """The desk in force, certain until this writing transaction ends: a new one waits for it, or it for the new one. So
    no ticket comes into a state that is just being taken away.
    """
    if not is_sqlite(here):
        here.execute(HOLD)
    return _looked_up(here)


HOLD = text(f"LOCK TABLE {DOORS} IN ROW SHARE MODE")


def _before(here: Session) -> Desk | None:
    """The desk that is about to be followed by another; None where there is none that can be read."""
    try:
        return _looked_up(here).desk
    except NoDeskError:
        return None


NEWEST = (
    select(Revision.id, Revision.hash).where(Revision.activated_at.is_not(None)).order_by(Revision.id.desc()).limit(1)
)


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
    return _looked_up(here)


def _looked_up(here: Session) -> Active:
    """The newest desk, asked of the database; its text is read only where it is another than before."""
    engine = here.get_bind().engine
    looked = _looked.get(engine)
    newest = _newest()
    if newest is None:
        raise NoDeskError("There is no workflow yet. Put one in workflows.yaml and start again.")
    if looked is not None and (looked.found.id, looked.found.hash) == newest:
        found = looked.found
    else:
        found = _loaded(here, newest[0])
    _looked[engine] = _Looked(time.monotonic(), found)
    return found


def _newest() -> tuple[int, str] | None:
    row = answer(NEWEST).first()
    return (row[0], row[1]) if row else None


def newest_id() -> int | None:
    """The number of the revision in force."""
    newest = _newest()
    return newest[0] if newest else None


def _loaded(here: Session, revision: int) -> Active:
    row = here.get_one(Revision, revision)
    loaded = load_texts({**row.files})
    if loaded.desk is None:
        first = loaded.findings[0]
        raise NoDeskError(f"This version of the program cannot read workflow revision {revision}: {first}")
    return Active(revision, row.hash, loaded.desk)


def _record(
    files: dict[str, str], *, origin: str, author: str, note: str, problems: list[dict[str, Any]], desk: Desk | None
) -> int:
    """Write the row. Where nothing stands in its way it is in force for the rest of this transaction, and for everybody
    once that is committed.
    """
    here, now = session(), clock.now()
    row = Revision(
        hash=_hash(files),
        files=files,
        origin=origin,
        author=author,
        note=note,
        problems=problems,
        created_at=now,
        activated_at=None if problems else now,
        in_file=origin == "file",
    )
    here.add(row)
    here.flush()
    if desk is not None and not problems:
        here.info["revision"] = (here.get_transaction(), Active(row.id, row.hash, desk))
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
