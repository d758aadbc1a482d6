"""A read mail on its way out of the child process: plain data for the pipe, file contents in one lump beside it.

`work` runs in the child, `unpacked` in the parent. No pickling: the child has read hostile bytes and may say anything.
"""

from __future__ import annotations

import atexit
import os
import select
from dataclasses import asdict
from datetime import datetime
from errno import EIO
from pathlib import Path
from typing import IO, Any

from helpdesk.channels.email.addresses import Address
from helpdesk.channels.email.attachments import Attachment
from helpdesk.channels.email.parse import Mail, parse
from helpdesk.child.frames import ASKING

_PEOPLE = ("to", "cc", "reply_to")
_TEXTS = ("references", "delivered_to", "authentication_results", "spam", "problems")


def work(asked: dict[str, Any]) -> dict[str, Any]:
    """Read the mail in the file `path`; its attachments go to the file `lump`, one after the other. Where there is no
    room for these, that is the answer: the mail is not at fault.
    """
    atexit.unregister(_tidy)  # that of the mail before is in its parent's hands
    atexit.register(_tidy, Path(asked["lump"]))
    marks = asked.get("loop_marks")
    mail = parse(Path(asked["path"]).read_bytes(), loop_marks=None if marks is None else frozenset(marks))
    if mail.attachments:
        try:
            with Path(asked["lump"]).open("wb") as lump:
                lump.writelines(file.content for file in mail.attachments)
        except OSError as problem:
            return {"no_room": problem.errno or EIO}
    return packed(mail)


def _tidy(lump: Path) -> None:
    """A parent that was killed takes nothing away any more; any other one still reads it, or asks once more. Its end of
    the pipe tells: that is closed before its children get another parent.
    """
    pipe = select.poll()
    pipe.register(ASKING, 0)
    if any(happened & select.POLLHUP for _, happened in pipe.poll(0)):
        lump.unlink(missing_ok=True)


def packed(mail: Mail) -> dict[str, Any]:
    """The mail without the contents of its files."""
    told = {name: getattr(mail, name) for name in mail.__dataclass_fields__}
    told["from_"] = asdict(mail.from_)
    told["sender"] = asdict(mail.sender) if mail.sender else None
    told["date"] = mail.date.isoformat() if mail.date else None
    for name in _PEOPLE:
        told[name] = [asdict(one) for one in told[name]]
    told["attachments"] = [
        {
            "filename": file.filename,
            "content_type": file.content_type,
            "size": file.size,
            "inline": file.inline,
            "content_id": file.content_id,
        }
        for file in mail.attachments
    ]
    return told


def unpacked(told: dict[str, Any], lump: IO[bytes]) -> Mail:
    """The mail again, with the contents out of the lump. Raises OSError where there was no room for them."""
    if "no_room" in told:
        raise OSError(told["no_room"], os.strerror(told["no_room"]), "the attachments of a mail that is read")
    given = dict(told)
    given["from_"] = Address(**told["from_"])
    given["sender"] = Address(**told["sender"]) if told["sender"] else None
    given["date"] = datetime.fromisoformat(told["date"]) if told["date"] else None
    for name in _PEOPLE:
        given[name] = tuple(Address(**one) for one in told[name])
    for name in _TEXTS:
        given[name] = tuple(told[name])
    files = []
    for file in told["attachments"]:
        rest = {name: file[name] for name in ("filename", "content_type", "inline", "content_id")}
        files.append(Attachment(content=lump.read(file["size"]), **rest))
    given["attachments"] = tuple(files)
    return Mail(**given)
