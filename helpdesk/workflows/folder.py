"""The folder of the workflow file, where the files of its ready answers lie: looked at by a check, read when the file
is applied. Nothing outside it can be named, by whatever way or link.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path

from helpdesk.workflows.enclosures import LARGEST, Enclosure, GoneError, Problem, type_of
from helpdesk.workflows.filenames import bad_name

OFFERED = 500  # names that are looked at to find the one that was meant


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


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(islice(found, 2 * OFFERED), key=lambda one: one.name)
    except OSError:  # a folder that cannot be read offers nothing
        return []
