"""Reading mail without trusting it: each message in a child that has 10 seconds and 256 MB and can be killed (attack
90).

Called by whoever turns stored raw bytes into a ticket, and by `inspect`. A message that breaks the child comes back as
a `Mail` that says only "unreadable", and the next one is read by a new child.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from helpdesk.channels.email import carried
from helpdesk.channels.email.parse import Mail
from helpdesk.child import Child, ChildFailed

SECONDS, MEMORY, OUTPUT = 10, 256 * 1024 * 1024, 64 * 1024 * 1024
UNREADABLE = Mail(problems=("unreadable",))

_child = Child("helpdesk.channels.email.carried:work", seconds=SECONDS, memory=MEMORY, output=OUTPUT)


def read(raw: bytes, *, loop_marks: frozenset[str] | None = None) -> Mail:
    """The mail in `raw`. Never raises for what is in it."""
    with TemporaryDirectory(prefix="helpdesk-mail-") as folder:
        path = Path(folder, "raw.eml")
        path.write_bytes(raw)
        return _read(path, Path(folder, "files"), loop_marks)


def read_files(paths: Iterable[Path], *, loop_marks: frozenset[str] | None = None) -> Iterator[Mail]:
    """The mails in files, in their order, one after the other in one child."""
    with TemporaryDirectory(prefix="helpdesk-mail-") as folder:
        for path in paths:
            yield _read(path.absolute(), Path(folder, "files"), loop_marks)


def _read(path: Path, lump: Path, loop_marks: frozenset[str] | None) -> Mail:
    marks = sorted(loop_marks) if loop_marks is not None else None
    try:
        told = _child.call({"path": str(path), "lump": str(lump), "loop_marks": marks})
        return carried.unpacked(told, lump.read_bytes())
    except ChildFailed:
        return UNREADABLE
