"""Handing out the files of a message, so that no file can act as a page of ours.

A file is reached through its ticket, which was loaded through whoever asks (attacks 43, 45, 46). Only pictures whose
bytes say so are shown in place, and only where a reader's machine can draw them; everything else is a download of no
particular type, whatever its sender claimed (attacks 4-7, 92). Nothing is unpacked and no picture is drawn here.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Response, make_response
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from helpdesk import files
from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.text import plain
from helpdesk.tickets.models import Attachment, Message
from helpdesk.web import headers, pixels

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
PICTURES = frozenset({kind for _magic, kind in MAGIC} | {"image/webp"})
THUMB = 2_000_000  # bytes of a picture that a list of files may show small


def find(attachment_id: int, *readable: ColumnElement[bool]) -> Attachment:
    """The file of this number, if it belongs to a message that satisfies `readable`. Raises NotFound."""
    query = (
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .where(Attachment.id == attachment_id, *readable)
    )
    found = session().scalar(query)
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def send(attachment: Attachment, *, inline_ok: bool = True) -> Response:
    """The file as an answer: a real picture in place if `inline_ok`, else a download. Raises files.Damaged."""
    return answer(files.read(attachment.sha256), filename=attachment.filename, inline_ok=inline_ok)


def answer(content: bytes, *, filename: str, inline_ok: bool = False) -> Response:
    """Bytes that somebody sent us, under a name to save them by."""
    picture = picture_type(content) if inline_ok else None
    if picture and not pixels.fits(content, picture):
        picture = None
    response = make_response(content)
    response.headers["Content-Type"] = picture or "application/octet-stream"
    response.headers["Content-Disposition"] = disposition(filename, inline=picture is not None)
    response.headers["Content-Security-Policy"] = headers.DOWNLOAD
    return response


def picture_type(content: bytes) -> str | None:
    """The type of a raster picture by its first bytes; None for everything else, SVG above all."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in MAGIC if content.startswith(magic)), None)


def disposition(filename: str, *, inline: bool) -> str:
    """Content-Disposition with a name that cannot end the header (RFC 6266; attack 21)."""
    name = plain.filename(filename)
    plainly = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plainly}\"; filename*=UTF-8''{quote(name, safe='')}"


def listed(message: Message, url: Callable[[int], str]) -> list[dict[str, object]]:
    """A message's files as macros/files.html shows them; `url` gives the address of the file with this id."""
    return [
        {
            "name": each.filename,
            "url": url(each.id),
            "size": each.size,
            "content_type": each.content_type,
            "thumb_url": url(each.id) if each.content_type in PICTURES and each.size < THUMB else None,
        }
        for each in message.attachments
    ]
