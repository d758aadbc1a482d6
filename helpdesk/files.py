"""Content-addressed files: attachments and original messages, named by the SHA-256 of their bytes.

A file is written beside its place, flushed, renamed, and the folder flushed, before any row names it: a crash leaves at
most an orphan, never a row without its file. One that is there already counts only if this process has flushed it, else
nobody knows whether the disk has it (fault 22), and it is written once more; the folder it lies in likewise. Names
given by senders never touch the disk (attacks 16-18).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from helpdesk import disk, settings
from helpdesk.errors import HelpdeskError

MODE = 0o640
REMEMBERED = 10_000  # files
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
    if place not in _flushed or not place.exists():
        _make_folder(place.parent)
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
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("Not the name of a stored file.")
    return settings.current().files / sha256[:2] / sha256[2:]


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
