"""Reading mail without trusting it: each message in a child that has 10 seconds and 256 MB and can be killed (attack
90).

Called by whoever turns stored raw bytes into a ticket, and by `inspect`. A message that breaks the child comes back as
a `Mail` that says only "unreadable", and the next one is read by a new child.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from helpdesk.channels.email import carried
from helpdesk.channels.email.parse import Mail
from helpdesk.child import Begun, Child, ChildFailed

SECONDS, MEMORY, OUTPUT = 10, 256 * 1024 * 1024, 64 * 1024 * 1024
UNREADABLE = Mail(problems=("unreadable",))

_child = Child("helpdesk.channels.email.carried:work", seconds=SECONDS, memory=MEMORY, output=OUTPUT)
_ahead: dict[tuple[Path, frozenset[str] | None], tuple[Begun, IO[bytes]]] = {}


def read(path: Path, *, loop_marks: frozenset[str] | None = None) -> Mail:
    """The mail in a file. Never raises for what is in it; OSError where the machine has no room to read it (fault
    21).
    """
    begun, lump = _ahead.pop((path, loop_marks), None) or (None, _lump())
    with lump:
        try:
            told = _child.answer(begun) if begun else _child.call(_asked(path, lump, loop_marks))
            return carried.unpacked(told, lump)
        except ChildFailed:
            return UNREADABLE


def read_ahead(path: Path, *, loop_marks: frozenset[str] | None = None) -> None:
    """Begin to read a mail that will soon be asked for, while the caller does something else. Only the newest such wish
    is kept, so at most one mail waits, and it waits in the child. Where nothing can be begun, it is read when it is
    asked for.
    """
    _forget()
    with suppress(ChildFailed, OSError), ExitStack() as unless_begun:
        lump = unless_begun.enter_context(_lump())
        _ahead[path, loop_marks] = _child.begin(_asked(path, lump, loop_marks)), lump
        unless_begun.pop_all()


def _forget() -> None:
    """What was read ahead and nobody asked for; its child writes into the lump until it is done."""
    for each in list(_ahead):
        begun, lump = _ahead.pop(each, (None, None))
        if begun and lump:
            with lump, suppress(ChildFailed, OSError):
                _child.answer(begun)


def _lump() -> IO[bytes]:
    return NamedTemporaryFile(prefix="helpdesk-mail-")


def _asked(path: Path, lump: IO[bytes], loop_marks: frozenset[str] | None) -> dict[str, Any]:
    marks = sorted(loop_marks) if loop_marks is not None else None
    return {"path": str(path.absolute()), "lump": lump.name, "loop_marks": marks}
