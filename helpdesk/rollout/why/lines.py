"""Where the file in force says something: the line of the file where that is still the same, else of the revision."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from helpdesk.db import session
from helpdesk.workflows import revisions
from helpdesk.workflows.load import load_texts, read_texts
from helpdesk.workflows.revisions import Revision
from helpdesk.workflows.scalars import Places
from helpdesk.workflows.schema import Position


class Lines:
    """Lines of the active revision. `path`: where the workflow file lies, if there is one."""

    def __init__(self, path: Path | None) -> None:
        self.revision = revisions.active().id
        row = session().get_one(Revision, self.revision)
        self._several = len(row.files) > 1
        self._same = path is not None and _on_disk(path) == row.files
        self._places = _places(self.revision, row.hash, tuple(sorted(row.files.items())))

    def of(self, *path: str) -> str:
        """The line of what stands under this path, or of the nearest thing above it that is written."""
        where = path
        while where and where not in self._places.keys and where not in self._places.values:
            where = where[:-1]
        at = self._places.keys.get(where) or self._places.values.get(where)
        return self.at(at) if at else ""

    def at(self, at: Position) -> str:
        return self.said(at.file, at.line, self.revision)

    def said(self, file: str, line: int, revision: int | None) -> str:
        """A line as people find it; a record of an earlier revision names that."""
        if not line:
            return ""
        if self._same and revision == self.revision:
            return f"{file}:{line}"
        name = f" of {file}" if self._several else ""
        return f"revision {revision}, line {line}{name}"


def _on_disk(path: Path) -> Mapping[str, str] | None:
    try:
        return revisions.named_files(read_texts(path))
    except OSError:
        return None


@lru_cache(maxsize=4)
def _places(revision: int, hash: str, files: tuple[tuple[str, str], ...]) -> Places:
    return load_texts(dict(files)).places
