"""Putting a backup into an empty desk. It comes back muted: a copy must not write to customers (fault 31).

Files come first, each held against its name; the database comes last and at once, so a restore that was cut off leaves
no row that points nowhere. Until all is done the rows say so (`UNFINISHED`), and it can simply be run again. Nothing is
unpacked by a name that the backup chooses.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, func, inspect, select

from config import Settings
from helpdesk import files, migrating, stored
from helpdesk.backups import DATABASE, FILES, FORMAT, KEY, MANIFEST, WORKFLOW, Track, copying, unwatched
from helpdesk.db import as_writer, db, is_sqlite, session, writing
from helpdesk.errors import HelpdeskError, NotPossible
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.search import rebuild
from helpdesk.workflows import revisions
from helpdesk.workflows.beside import put
from helpdesk.workflows.folder import Folder

NAME = re.compile(r"[0-9a-f]{64}")
FILE = re.compile(r"[\w][\w.-]{0,100}\.ya?ml", re.ASCII)
UNFINISHED = "unfinished_restore"  # a setting: how many tickets came, while search, key or workflow may be missing
LARGEST_TEXT = 5_000_000  # bytes of a manifest or workflow file


@dataclass(frozen=True)
class Restored:
    """`workflow`: where its files were put; `beside`: files that were there before and are kept under another name."""

    tickets: int
    files: int
    workflow: tuple[Path, ...]
    beside: tuple[Path, ...]


def restore(path: Path, settings: Settings, *, live: bool = False, track: Track[Any] = unwatched) -> Restored:
    """Put the backup at `path` into the desk of these settings, which must hold no tickets.

    Raises NotPossible where it holds some, HelpdeskError for a file that is no whole backup of ours.
    """
    _must_be_empty()
    with _opened(path) as tar, tempfile.TemporaryDirectory(prefix="helpdesk-restore-") as folder:
        manifest = _manifest(tar)
        snapshot = Path(folder, DATABASE)
        texts: dict[str, bytes] = {}
        count, key = 0, ""
        for member in track(_members(tar), "Files", int(manifest.get("files", 0))):
            content = tar.extractfile(member)
            if content is None:
                continue
            if member.name == DATABASE:
                with snapshot.open("wb") as out:
                    shutil.copyfileobj(content, out)
            elif member.name == KEY:
                key = content.read(1000).decode().strip()
            elif member.name.startswith(WORKFLOW):
                texts[member.name.removeprefix(WORKFLOW)] = content.read(LARGEST_TEXT)
            elif member.name.startswith(FILES):
                _store(content, member.name.removeprefix(FILES))
                count += 1
        if not snapshot.exists() or count != manifest.get("files"):
            raise HelpdeskError("The backup is not whole: it ends early. Nothing was changed in the database.")
        _bring_up_to_date(snapshot)
        _mark(snapshot, muted=not live)
        _load(snapshot, same_kind=manifest.get("database") == "sqlite", track=track)
        if key and not settings.secret_key:
            _put_key(settings.data_folder / "secret_key", key)
    written, beside = _put_workflow(settings.workflow_path, texts)
    _put_enclosures(settings.workflow_path)
    with writing():
        stored.forget(UNFINISHED)
    return Restored(int(manifest.get("tickets", 0)), count, tuple(written), tuple(beside))


def _must_be_empty() -> None:
    """A desk is never written over. One that was only set up, with people and no ticket, is; and one whose restore was
    cut off, while it has no other tickets than came by that.
    """
    if inspect(db.engine).has_table("tickets"):
        held = session().scalar(select(func.count()).select_from(Ticket)) or 0
        unfinished = stored.get(UNFINISHED) == held
        session().rollback()
        if held and not unfinished:
            raise NotPossible(f"There is a desk here already, with {held} tickets. Restore where there is none.")


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:*") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as problem:
        raise HelpdeskError(f"{path} is no whole backup of a desk.") from problem


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    try:
        told = json.loads(content.read(LARGEST_TEXT)) if content else {}
    except ValueError:
        told = {}
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise HelpdeskError("This is no backup of a desk that this version can read.")
    return told


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """What is looked at at all: plain files under the names we give."""
    for member in tar:
        name = member.name
        ours = (
            name in (DATABASE, KEY)
            or (name.startswith(FILES) and NAME.fullmatch(name.removeprefix(FILES)))
            or (name.startswith(WORKFLOW) and FILE.fullmatch(name.removeprefix(WORKFLOW)))
        )
        if member.isreg() and ours:
            yield member


def _store(content: IO[bytes], name: str) -> None:
    stored = files.store(content.read())
    if stored.sha256 != name:
        raise files.Damaged(f"The backup is damaged: the file {name[:12]}… is not what it was.")


def _bring_up_to_date(snapshot: Path) -> None:
    """A backup of an earlier version is brought to this one's tables before it is used."""
    try:
        migrating.upgrade(create_engine(f"sqlite:///{snapshot}", poolclass=NullPool))
    except CommandError:
        raise HelpdeskError("The backup is of a newer version of the program. Install that one.") from None


def _mark(snapshot: Path, *, muted: bool) -> None:
    """The copy as it begins: silent, unless it is to live at once, and not yet all there. The files of the desk it was
    made from are not the copy's to sweep (`sweeping`).
    """
    with closing(sqlite3.connect(snapshot)) as taken, taken:
        taken.execute("delete from settings where name in ('muted', 'files_of', ?)", (UNFINISHED,))
        (tickets,) = taken.execute("select count(*) from tickets").fetchone()
        taken.execute("insert into settings (name, value) values (?, ?)", (UNFINISHED, str(tickets)))
        if muted:
            taken.execute("insert into settings (name, value) values ('muted', 'true')")


def _load(snapshot: Path, *, same_kind: bool, track: Track[Any]) -> None:
    """The rows into the desk's own database, all of them or none."""
    session().close()
    if is_sqlite():
        db.engine.dispose()
        with closing(sqlite3.connect(snapshot)) as taken, closing(sqlite3.connect(str(db.engine.url.database))) as ours:
            taken.backup(ours)
    else:
        if migrating.current(db.engine):
            migrating.downgrade(db.engine, "base")
        migrating.upgrade(db.engine)
        with as_writer():
            copying.to_empty_postgresql(snapshot, db.engine, track=track)
    if not (is_sqlite() and same_kind):
        rebuild.rebuild(track=track)


def _put_key(place: Path, key: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.with_name(f"secret_key.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(key)
    draft.replace(place)


def _put_enclosures(path: Path) -> None:
    """The files of ready answers beside the workflow's. One that is there with other content stays: then the desk says
    at its start that file and desk differ.
    """
    newest = revisions.newest_id()
    enclosed, folder = revisions.get(newest).enclosed if newest else {}, Folder(path)
    put(folder, {name: one for name, one in enclosed.items() if not folder.is_there(name)})


def _put_workflow(place: Path, texts: dict[str, bytes]) -> tuple[list[Path], list[Path]]:
    """The workflow's files where the settings look for them; others of the same name are kept beside."""
    written, beside = [], []
    as_file = len(texts) == 1 and not place.is_dir()
    for name, text in texts.items():
        target = place if as_file else place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.read_bytes() != text:
            old = target.with_name(f"{target.name}.before-restore")
            target.replace(old)
            beside.append(old)
        if not target.exists():
            target.write_bytes(text)
            written.append(target)
    return written, beside
