"""Enclosures: the files that ready answers bring along, named in the workflow file by where they lie beside it.

Where they are looked for is a `Beside`: the `folder` of the file on the disk, or what is `Known` of a revision or a
draft. A check only looks (`look`); `take` puts the bytes into the file store, before any row names them. Knows no
database; `revisions` keeps what was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol

from helpdesk.errors import HelpdeskError
from helpdesk.workflows.schema import Desk

LARGEST = 10_000_000  # bytes of all files of one answer
MOST = 20  # files of one answer


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
