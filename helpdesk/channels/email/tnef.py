"""Outlook's `winmail.dat` (TNEF): the files and the body inside it. Format: Microsoft's [MS-OXTNEF].

Called by `attachments`. Reads what is there and stops at the first byte that makes no sense; never raises.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from helpdesk.channels.email import charsets

SIGNATURE = b"\x78\x9f\x3e\x22"
_BODY, _MESSAGE_PROPERTIES = 0x800C, 0x9003
_ATTACH_DATA, _ATTACH_TITLE, _ATTACH_BEGINS, _ATTACH_PROPERTIES = 0x800F, 0x8010, 0x9002, 0x9005
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME = 0x3707, 0x3704, 0x3001
_DATA, _CONTENT_ID, _MIME_TYPE, _TEXT, _HTML = 0x3701, 0x3712, 0x370E, 0x1000, 0x1013
_SIZES = {0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16}
_STRINGS = {0x0D, 0x1E, 0x1F, 0x102}


@dataclass
class File:
    """A file of the container."""

    name: str = ""
    content: bytes = b""
    content_id: str = ""
    content_type: str = ""


@dataclass
class Container:
    """What a winmail.dat holds."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""


def read(data: bytes) -> Container | None:
    """The contents, or None when `data` is no TNEF."""
    if not data.startswith(SIGNATURE):
        return None
    held = Container()
    at = 6
    while at + 9 <= len(data) and len(held.files) < 500:
        attribute, _, size = struct.unpack_from("<HHI", data, at + 1)
        content = data[at + 9 : at + 9 + size]
        if len(content) < size:
            break
        at += 9 + size + 2
        _take(held, attribute, content)
    held.files = [file for file in held.files if file.content or file.name]
    return held


def _take(held: Container, attribute: int, content: bytes) -> None:
    if attribute == _ATTACH_BEGINS:
        held.files.append(File())
    elif attribute == _BODY:
        held.text = held.text or _string(content)
    elif attribute == _MESSAGE_PROPERTIES:
        found = _properties(content)
        held.html = _string(found.get(_HTML, b"")) or held.html
        held.text = _string(found.get(_TEXT, b"")) or held.text
    elif held.files and attribute == _ATTACH_TITLE:
        held.files[-1].name = held.files[-1].name or _string(content)
    elif held.files and attribute == _ATTACH_DATA:
        held.files[-1].content = content
    elif held.files and attribute == _ATTACH_PROPERTIES:
        file, found = held.files[-1], _properties(content)
        for name in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME):
            if found.get(name):
                file.name = _string(found[name])
                break
        if not file.content and _DATA in found:
            file.content = found[_DATA][16:] if found[_DATA][16:20] == SIGNATURE else found[_DATA]
        file.content_id = _string(found.get(_CONTENT_ID, b""))
        file.content_type = _string(found.get(_MIME_TYPE, b""))


def _properties(data: bytes) -> dict[int, bytes]:
    """MAPI properties by number; Unicode strings come as UTF-8 behind a byte order mark."""
    found: dict[int, bytes] = {}
    try:
        (count,) = struct.unpack_from("<I", data, 0)
        at = 4
        for _ in range(min(count, 2000)):
            kind, number = struct.unpack_from("<HH", data, at)
            at += 4
            if number >= 0x8000:
                at = _past_name(data, at)
            values, base = 1, kind & 0x0FFF
            if base in _STRINGS or kind & 0x1000:
                (values,) = struct.unpack_from("<I", data, at)
                at += 4
            for _ in range(min(values, 2000)):
                if base in _STRINGS:
                    (size,) = struct.unpack_from("<I", data, at)
                    value = data[at + 4 : at + 4 + size]
                    at += 4 + size + (-size % 4)
                    if base == 0x1F:
                        value = b"\xef\xbb\xbf" + value.decode("utf-16-le", "replace").encode("utf-8")
                else:
                    size = _SIZES[base]
                    value = data[at : at + size]
                    at += size + (-size % 4)
                found.setdefault(number, value)
    except (struct.error, KeyError):
        pass  # the rest makes no sense; what was read so far does
    return found


def _past_name(data: bytes, at: int) -> int:
    """Where a named property goes on after its GUID and its number or name."""
    (by_name,) = struct.unpack_from("<I", data, at + 16)
    if not by_name:
        return at + 24
    (size,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + size + (-size % 4)


def _string(value: bytes) -> str:
    return charsets.decode(value).rstrip("\0").replace("\0", "")
