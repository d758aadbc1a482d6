"""Enclosures: the files that ready answers bring along, named in the workflow file by where they lie beside it.

Where they are looked for is a `Beside`: the `Folder` of the file on the disk, or what is `Known` of a revision or a
draft. A check only looks (`look`); `take` puts the bytes into the file store, before any row names them. Knows no
database; `revisions` keeps what was taken.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from helpdesk.errors import HelpdeskError
from helpdesk.workflows.filenames import bad_name
from helpdesk.workflows.schema import Desk

LARGEST = 10_000_000  # bytes of all files of one answer
MOST = 20  # files of one answer
OFFERED = 500  # names that are looked at to find the one that was meant


class GoneError(HelpdeskError):
    """A file that was there when it was looked for is not to be had any more."""

    code = "gone"
    status = 409


@dataclass(frozen=True)
class Enclosure:
    """What a revision remembers of a file: its content in the file store, its bytes, what kind it seems to be."""

    sha256: str
    size: int
    content_type: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


Enclosures = Mapping[str, Enclosure]  # by the names in the file


class Problem(NamedTuple):
    """Why a file cannot be had, as a finding says it. `offered`: names that may have been meant."""

    code: str
    sentence: str
    hint: str = ""
    offered: tuple[str, ...] = ()


class Beside(Protocol):
    """A place where the files of ready answers are."""

    def look(self, name: str, /) -> int | Problem:
        """Its size, or why it cannot be had. Reads no content."""

    def digest(self, name: str, /) -> str:
        """The SHA-256 of its content; empty where it cannot be had."""

    def take(self, name: str, /) -> Enclosure:
        """Its content into the file store, durably. Raises GoneError where it is not to be had any more."""


def names_in(desk: Desk) -> list[str]:
    """The files that the desk's answers bring along, each once."""
    return list(dict.fromkeys(name for reply in desk.replies.values() for name in reply.files))


def taken(desk: Desk | None, beside: Beside | None) -> dict[str, Enclosure]:
    """All that the desk's answers bring along, in the store. Raises GoneError."""
    return {name: beside.take(name) for name in names_in(desk)} if desk and beside else {}


def type_of(name: str) -> str:
    """What kind of file a name promises."""
    import mimetypes

    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def digests(names: Iterable[str], beside: Beside | None) -> dict[str, str]:
    """Names and what they hold now, of those that are there."""
    return {name: held for name in names if (held := beside.digest(name))} if beside else {}


def read_back(kept: Mapping[str, Any] | None) -> dict[str, Enclosure]:
    """What a row holds of them."""
    return {name: Enclosure(**one) for name, one in (kept or {}).items()}


class Folder:
    """The files that lie beside the workflow file, or in its folder where it is one."""

    def __init__(self, path: str | Path) -> None:
        path = Path(path)
        self.folder = path if path.is_dir() else path.parent

    def look(self, name: str, /) -> int | Problem:
        if self.leads_out(name):
            return Problem("file_outside", f"“{name}” leads out of the folder of the workflow file.")
        try:
            found = (self.folder / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            sentence = f"There is no file “{name}” beside the workflow file."
            return Problem("unknown_file", sentence, offered=self._names)
        except OSError as error:
            return Problem("unreadable_file", f"“{name}” cannot be read: {error.strerror}.")
        if not stat.S_ISREG(found.st_mode):
            said = "a folder" if stat.S_ISDIR(found.st_mode) else "no ordinary file"
            return Problem("unreadable_file", f"“{name}” is {said}.", "Name each file." if said == "a folder" else "")
        if not os.access(self.folder / name, os.R_OK):
            return Problem("unreadable_file", f"“{name}” cannot be read by the desk.")
        return found.st_size

    def digest(self, name: str, /) -> str:
        try:
            return hashlib.sha256(self.read(name)).hexdigest()
        except GoneError:  # what is not there holds nothing
            return ""

    def take(self, name: str, /) -> Enclosure:
        from helpdesk import files

        stored = files.store(self.read(name))
        return Enclosure(stored.sha256, stored.size, type_of(name))

    def read(self, name: str) -> bytes:
        """Its bytes. Raises GoneError where it is no file to be had."""
        looked = self.look(name)
        if isinstance(looked, Problem):
            raise GoneError(looked.sentence)
        try:
            with (self.folder / name).open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            raise GoneError(f"“{name}” cannot be read: {error.strerror}.") from error
        if len(content) > LARGEST:
            raise GoneError(f"“{name}” is too large.")
        return content

    def is_there(self, name: str) -> bool:
        """Whether anything lies there under this name, a link that leads nowhere too."""
        return self.leads_out(name) or os.path.lexists(self.folder / name)

    def leads_out(self, name: str) -> bool:
        """Whether this is no way down from the folder, or a link on it leads elsewhere."""
        if bad_name(name):
            return True
        try:
            return not (self.folder / name).resolve().is_relative_to(self._root)
        except (OSError, RuntimeError):  # links that lead to each other
            return True

    @cached_property
    def _root(self) -> Path:
        return self.folder.resolve()

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """What lies there and in the folders beside it, as far as anybody would look."""
        return tuple(islice(self._listed(), OFFERED))

    def _listed(self) -> Iterator[str]:
        folders = []
        for one in islice(_entries(self.folder), OFFERED):
            if one.is_dir(follow_symlinks=False):
                folders.append(Path(one.path))
            elif not bad_name(one.name):
                yield one.name
        for folder in folders[:20]:
            names = (f"{folder.name}/{one.name}" for one in islice(_entries(folder), 100) if not one.is_dir())
            yield from (name for name in names if not bad_name(name))


class Known:
    """The files that a revision or a draft has already."""

    def __init__(self, enclosures: Enclosures) -> None:
        self.enclosures = enclosures

    def look(self, name: str, /) -> int | Problem:
        if name in self.enclosures:
            return self.enclosures[name].size
        sentence = f"There is no file “{name}” with this text."
        hint = "Add it under “Files” of the editor, or put it beside the workflow file and apply that."
        return Problem("unknown_file", sentence, hint, tuple(self.enclosures))

    def digest(self, name: str, /) -> str:
        return self.enclosures[name].sha256 if name in self.enclosures else ""

    def take(self, name: str, /) -> Enclosure:
        if name not in self.enclosures:
            raise GoneError(f"“{name}” is not there.")
        return self.enclosures[name]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(islice(found, 2 * OFFERED), key=lambda one: one.name)
    except OSError:  # a folder that cannot be read offers nothing
        return []
