"""Content-addressed files: attachments and original messages, named by the SHA-256 of their bytes.

A file is written beside its place, flushed, renamed, and the folder flushed, before any row names it: a crash leaves at
most an orphan, never a row without its file; `sweeping` takes orphans away. One that is there already counts only if
this process has flushed it, else nobody knows whether the disk has it (fault 22), and it is written once more; the
folder it lies in likewise. Names given by senders never touch the disk (attacks 16-18).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from helpdesk import disk, settings
from helpdesk.errors import HelpdeskError

MODE = 0o640
REMEMBERED = 10_000  # files
A_DAY = 86_400  # seconds; whoever stored a file has named it in a row by then
NO_LOCKS = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP)  # of folders on some file systems, such as NFS
OWNER = ".desk"
SIGNS = frozenset("0123456789abcdef")  # of a name
_flushed: set[Path] = set()  # what this process knows to be on the disk


class Damaged(HelpdeskError):
    """A stored file is missing or is not what its name says (fault 36)."""

    code = "damaged"
    status = 410


@dataclass(frozen=True)
class Stored:
    """What `store` made: the name of the content and its size in bytes."""

    sha256: str
    size: int


def store(content: bytes) -> Stored:
    """Keep `content` durably and return its name. The same content twice is one file. Raises OSError where the disk is
    full, and disk.Failed where it lost what was written.
    """
    disk.must_hold()
    name = hashlib.sha256(content).hexdigest()
    place = path_of(name)
    _make_folder(place.parent)
    with _shared(place.parent):
        if place not in _flushed or not _touched(place):
            _write(content, place)
            if len(_flushed) >= REMEMBERED:
                _flushed.clear()
            _flushed.add(place)
    return Stored(name, len(content))


def read(sha256: str) -> bytes:
    """The bytes of a stored file, checked against their name. Raises Damaged."""
    try:
        content = path_of(sha256).read_bytes()
    except FileNotFoundError:
        raise Damaged("This file is missing from the store.") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged("This file was altered on disk; it is not what was received.")
    return content


def path_of(sha256: str) -> Path:
    """Where the content of this name lives: `ab/cdef…` under the files folder."""
    if len(sha256) != 64 or not SIGNS.issuperset(sha256):
        raise ValueError("Not the name of a stored file.")
    return settings.current().files / sha256[:2] / sha256[2:]


def untouched(*, after: str, most: int) -> list[str]:
    """Names of files that nobody stored for a day, in their order: the next ones after a name."""
    found: list[str] = []
    for folder in _folders():
        if folder.name < after[:2]:
            continue
        with os.scandir(folder) as entries:
            old = sorted(folder.name + each.name for each in entries if each.name[0] != "." and _is_old(each))
        found += [name for name in old if name > after]
        if len(found) >= most:
            break
    return found[:most]


def forget(sha256: str) -> bool:
    """Take a file away that no row names. False where it was stored again within the last day, is being stored now, or
    is gone; and on a file system whose folders cannot be locked: there nothing is taken away.
    """
    place = path_of(sha256)
    try:
        handle = os.open(place.parent, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_old(place):
            return False
        place.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return False
    finally:
        os.close(handle)
    _flushed.discard(place)
    return True


def drop_unfinished() -> None:
    """Take away what writers that died left beside the files."""
    for folder in _folders():
        for draft in folder.glob(".*"):
            with suppress(FileNotFoundError):  # another worker does the same
                if _is_old(draft):
                    draft.unlink()


def owner(mark: str) -> str:
    """The mark of the database that the folder belongs to: this one, if it had none."""
    folder = settings.current().files
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{OWNER}.{secrets.token_hex(4)}"
    draft.write_text(mark)
    with suppress(FileExistsError):  # it has one: the first stays
        os.link(draft, folder / OWNER)
    draft.unlink()
    return (folder / OWNER).read_text()


def _folders() -> list[Path]:
    root = settings.current().files
    return sorted(each for each in root.iterdir() if len(each.name) == 2 and each.is_dir()) if root.exists() else []


def _is_old(file: Path | os.DirEntry[str]) -> bool:
    """By the clock that the file system has."""
    return time.time() - file.stat().st_mtime > A_DAY


@contextmanager
def _shared(folder: Path) -> Iterator[None]:
    """Nobody takes a file of this folder away meanwhile (`forget`)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # where a folder cannot be locked nothing is ever taken away
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _touched(place: Path) -> bool:
    """Whether it is there, and young again from now on; else it is written once more."""
    try:
        os.utime(place)
    except (FileNotFoundError, PermissionError):
        return False
    return True


def _make_folder(folder: Path) -> None:
    if folder in _flushed and folder.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _sync_folder(folder.parent)
    except (OSError, disk.Failed):
        with suppress(OSError):  # there is something in it
            folder.rmdir()
        raise
    _flushed.add(folder)


def _write(content: bytes, place: Path) -> None:
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            disk.sync(out.fileno(), "a file")
        draft.rename(place)
    except (OSError, disk.Failed):
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        disk.sync(handle, "a folder of files")
    finally:
        os.close(handle)
