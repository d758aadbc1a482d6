"""Making a backup while the desk runs.

The database comes first, as of one moment; files are named by their content and never change, so whatever those rows
name can be copied afterwards at leisure.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import Settings
from helpdesk import clock, files, migrating
from helpdesk.backups import DATABASE, FILES, FORMAT, KEY, MANIFEST, WORKFLOW, Track, copying, unwatched
from helpdesk.db import Base, db, is_sqlite, session
from helpdesk.workflows import revisions

PAGES = 4096  # of the database between two looks at the clock of whoever watches


@dataclass(frozen=True)
class Made:
    """`missing`: names of files that rows speak of and the store does not have."""

    path: Path
    tickets: int
    files: int
    size: int
    missing: tuple[str, ...]


def make(path: Path, settings: Settings, *, track: Track[Any] = unwatched) -> Made:
    """Write the backup to `path`; an older one there is replaced once the new one is whole. Needs current tables."""
    path = path.absolute()
    with tempfile.TemporaryDirectory(prefix=".helpdesk-backup-", dir=path.parent) as folder:
        snapshot = Path(folder, DATABASE)
        _take_snapshot(snapshot, settings)
        with closing(sqlite3.connect(snapshot)) as taken:
            tickets = int(taken.execute("select count(*) from tickets").fetchone()[0])
            names = _files_in(taken)
        kept = [name for name in names if files.path_of(name).exists()]
        manifest = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "database": "sqlite" if is_sqlite() else "postgresql",
            "revision": migrating.head(),
            "tickets": tickets,
            "files": len(kept),
        }
        draft = Path(folder, "backup.tar")
        with _private(draft) as out, tarfile.open(fileobj=out, mode="w:gz" if _squeezed(path) else "w") as tar:
            _add(tar, MANIFEST, json.dumps(manifest, indent=2).encode())
            tar.add(snapshot, DATABASE, filter=_plain)
            if not settings.secret_key:
                _add(tar, KEY, settings.signing_key.encode())
            for name, text in _workflow():
                _add(tar, WORKFLOW + name, text.encode())
            for name in track(kept, "Files", len(kept)):
                tar.add(files.path_of(name), f"{FILES}{name}", filter=_plain)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        size = draft.stat().st_size
        draft.replace(path)
    return Made(path, tickets, len(kept), size, tuple(sorted(set(names) - set(kept))))


def _take_snapshot(snapshot: Path, settings: Settings) -> None:
    """The database as of this moment, as a SQLite file that stands alone."""
    session().rollback()
    if not is_sqlite():
        copying.to_new_sqlite(settings, snapshot)
        return
    with closing(sqlite3.connect(str(db.engine.url.database))) as living, closing(sqlite3.connect(snapshot)) as taken:
        living.isolation_level = None
        living.execute("pragma query_only=on")
        living.execute("begin")
        living.execute("select count(*) from sqlite_master").fetchone()  # holds this moment while others write on
        living.backup(taken, pages=PAGES)
        taken.execute("pragma journal_mode=delete")


def _files_in(taken: sqlite3.Connection) -> list[str]:
    """Every stored file that a row of any table names."""
    named: set[str] = set()
    for table in Base.metadata.tables.values():
        if "sha256" in table.c:
            named |= {row[0] for row in taken.execute(f'select distinct sha256 from "{table.name}"')}  # noqa: S608 - our own name
    return sorted(named | _enclosed_in(taken))


def _enclosed_in(taken: sqlite3.Connection) -> set[str]:
    """The files of ready answers: of every text there was, for the way back to it, and of what is being written."""
    drafts = "select json_extract(value, '$.added') from settings where name like 'workflow_draft:%'"
    kept = [row[0] for row in taken.execute(f"select enclosures from revisions union all {drafts}")]  # noqa: S608 - our own words
    return {one["sha256"] for text in kept if text for one in json.loads(text).values()}


def _workflow() -> Iterator[tuple[str, str]]:
    row = session().get_one(revisions.Revision, revisions.active().id)
    yield from row.files.items()


def _squeezed(path: Path) -> bool:
    return path.suffix in (".gz", ".tgz")


def _private(draft: Path) -> io.BufferedWriter:
    return os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    told = tarfile.TarInfo(name)
    told.size, told.mode, told.mtime = len(content), 0o600, int(clock.now().timestamp())
    tar.addfile(told, io.BytesIO(content))


def _plain(told: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing of this machine goes along: no owner, no rights."""
    told.uid = told.gid = 0
    told.uname = told.gname = ""
    told.mode = 0o600
    return told
