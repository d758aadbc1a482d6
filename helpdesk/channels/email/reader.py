"""Reading mail without trusting it: each message in a child that has 10 seconds and 256 MB and can be killed (attack
90).

Called by whoever turns stored raw bytes into a ticket, and by `inspect`. A message that breaks the child comes back as
a `Mail` that says only "unreadable", and the next one is read by a new child.
"""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Thread

from helpdesk.channels.email import carried
from helpdesk.channels.email.parse import Mail
from helpdesk.child import Child, ChildFailed

SECONDS, MEMORY, OUTPUT = 10, 256 * 1024 * 1024, 64 * 1024 * 1024
UNREADABLE = Mail(problems=("unreadable",))

_begun: dict[tuple[Path, frozenset[str] | None], Future[Mail]] = {}
_child = Child("helpdesk.channels.email.carried:work", seconds=SECONDS, memory=MEMORY, output=OUTPUT)


def read(path: Path, *, loop_marks: frozenset[str] | None = None) -> Mail:
    """The mail in a file. Never raises for what is in it; OSError where the machine has no room to read it (fault
    21).
    """
    begun = _begun.pop((path, loop_marks), None)
    return begun.result() if begun else _read(path, loop_marks)


def read_ahead(path: Path, *, loop_marks: frozenset[str] | None = None) -> None:
    """Begin to read a mail that will soon be asked for, while the caller does something else. Only the newest such wish
    is kept, so at most one mail waits in memory.
    """
    begun: Future[Mail] = Future()
    _begun.clear()
    reading = Thread(target=_read_into, args=(begun, path, loop_marks), name="read ahead", daemon=True)
    try:
        reading.start()
    except RuntimeError:  # the machine has no thread for us now (fault 34): it is read when it is asked for
        return
    _begun[path, loop_marks] = begun


def _read_into(begun: Future[Mail], path: Path, loop_marks: frozenset[str] | None) -> None:
    try:
        begun.set_result(_read(path, loop_marks))
    except BaseException as error:  # noqa: BLE001 - raised again for whoever asks for the mail
        begun.set_exception(error)


def _read(path: Path, loop_marks: frozenset[str] | None) -> Mail:
    marks = sorted(loop_marks) if loop_marks is not None else None
    with NamedTemporaryFile(prefix="helpdesk-mail-") as lump:
        try:
            told = _child.call({"path": str(path.absolute()), "lump": lump.name, "loop_marks": marks})
            return carried.unpacked(told, lump)
        except ChildFailed:
            return UNREADABLE
