"""Reading mail without trusting it: each message in a child that has 10 seconds and 256 MB and can be killed (attack
90).

Called by whoever turns stored raw bytes into a ticket, and by `inspect`. A message that breaks the child comes back as
a `Mail` that says only "unreadable", and the next one is read by a new child.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from helpdesk.channels.email import carried
from helpdesk.channels.email.parse import Mail
from helpdesk.child import Child, ChildFailed

SECONDS, MEMORY, OUTPUT = 10, 256 * 1024 * 1024, 64 * 1024 * 1024
UNREADABLE = Mail(problems=("unreadable",))

_child = Child("helpdesk.channels.email.carried:work", seconds=SECONDS, memory=MEMORY, output=OUTPUT)


def read(path: Path, *, loop_marks: frozenset[str] | None = None) -> Mail:
    """The mail in a file. Never raises for what is in it."""
    marks = sorted(loop_marks) if loop_marks is not None else None
    with NamedTemporaryFile(prefix="helpdesk-mail-") as lump:
        try:
            told = _child.call({"path": str(path.absolute()), "lump": lump.name, "loop_marks": marks})
            return carried.unpacked(told, lump.read())
        except ChildFailed:
            return UNREADABLE
