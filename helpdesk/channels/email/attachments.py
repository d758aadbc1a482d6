"""The files of a mail: MIME parts, uuencoded lumps in old text, what winmail.dat holds."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field

from helpdesk.channels.email import headers, params, tnef, transfer
from helpdesk.channels.email.mime import Part
from helpdesk.text import plain

MOST = 200  # files of one mail


@dataclass(frozen=True)
class Attachment:
    """A file as it came: the name is for showing only, the type is the sender's claim."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""

    @property
    def size(self) -> int:
        return len(self.content)


def from_part(part: Part, number: int) -> list[Attachment]:
    """The file a part is; a winmail.dat gives the files inside it."""
    content = part.source() if part.type == "message/rfc822" and not _encoded(part) else part.content()
    if part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or part.filename.lower() == "winmail.dat":
        held = tnef.read(content)
        if held and held.files:
            return [_from_tnef(file, number + place) for place, file in enumerate(held.files[:MOST])]
    content_id = re.sub(r"[<>\s]", "", part.headers.get("content-id"))[:250]
    inline = part.disposition == "inline" or (bool(content_id) and part.disposition != "attachment")
    kind = part.type if part.main != "multipart" else "application/octet-stream"
    return [Attachment(_name(part, number), kind, content, inline, content_id)]


def _encoded(part: Part) -> bool:
    return part.headers.get("content-transfer-encoding").lower().strip() in ("base64", "quoted-printable")


def _name(part: Part, number: int) -> str:
    given = part.filename or part.headers.get("content-description") * (part.type == "message/rfc822")
    if not given and part.type == "message/rfc822":
        inner, _ = headers.split(part.raw, part.start, part.end)
        given = inner.get("subject") or "message"
    if given:
        name = plain.filename(given, fallback=f"attachment-{number}")
        return name if part.type != "message/rfc822" or "." in name[-5:] else f"{name}.eml"
    return f"attachment-{number}{_extension(part.type)}"


def _extension(kind: str) -> str:
    known = {"message/rfc822": ".eml", "text/calendar": ".ics", "message/delivery-status": ".txt", "image/jpeg": ".jpg"}
    return known.get(kind) or mimetypes.guess_extension(kind) or ""


def _from_tnef(file: tnef.File, number: int) -> Attachment:
    name = plain.filename(file.name, fallback=f"attachment-{number}")
    kind = params.media_type(file.content_type.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Attachment(name, kind, file.content, bool(file.content_id), file.content_id.strip("<>"))


_UU_BEGIN = re.compile(r"^begin(?:-base64)? [0-7]{3,4} ([^\n]{1,200})$", re.MULTILINE)
_UU_LINE = re.compile(r"[ -`]{1,90}")


def uuencoded(text: str) -> tuple[str, list[Attachment]]:
    """Text without its uuencoded lumps, and the files they were."""
    files: list[Attachment] = []
    kept, at = [], 0
    for begin in _UU_BEGIN.finditer(text):
        if begin.start() < at or len(files) >= MOST:
            continue
        content, end = _uu_content(text, begin.end() + 1)
        if not content:
            continue
        name = plain.filename(begin[1])
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        files.append(Attachment(name, kind, content))
        kept.append(text[at : begin.start()])
        at = end
    return "".join([*kept, text[at:]]), files


def _uu_content(text: str, at: int) -> tuple[bytes, int]:
    out = bytearray()
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].rstrip("\r")
        at = min(end + 1, len(text))
        if line == "end":
            return bytes(out), at
        if line in ("`", " ", ""):
            continue
        if not _UU_LINE.fullmatch(line):
            return b"", at
        out += transfer.uu_line(line.encode("ascii"))
    return bytes(out), at
