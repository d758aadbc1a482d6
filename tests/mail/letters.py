"""Mails for the tests, put together by hand so that they may be as wrong as real ones."""

from __future__ import annotations

import struct

_NAMES = {"message_id": "Message-ID", "from_": "From"}


def letter(body: bytes | str = "Hello", **headers: str | bytes | None) -> bytes:
    """A mail from Olga with these headers; `content_type=` sets Content-Type, None leaves a header out."""
    given: dict[str, str | bytes | None] = {
        "From": "Olga Tamm <olga@client.example>",
        "To": "support@desk.example",
        "Subject": "Printer on fire",
        "Date": "Mon, 05 Feb 2024 10:00:00 +0200",
        "Message-ID": "<1@client.example>",
        "MIME-Version": "1.0",
    }
    given |= {_NAMES.get(name, name.replace("_", "-").title()): value for name, value in headers.items()}
    lines = [_bytes(name) + b": " + _bytes(value) for name, value in given.items() if value is not None]
    return b"\r\n".join([*lines, b"", _bytes(body)])


def multipart(kind: str, *parts: bytes | str) -> bytes:
    """A whole multipart body with its own Content-Type line in front, to be used as a part or by `mail_of`."""
    mark = f"=_{kind}_{len(parts)}"
    head = f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
    middle = b"".join(b"--" + mark.encode() + b"\r\n" + _bytes(part) + b"\r\n" for part in parts)
    return head + middle + b"--" + mark.encode() + b"--\r\n"


def mail_of(part: bytes, **headers: str | bytes | None) -> bytes:
    """A mail whose content is this part, its Content-Type included."""
    head, _, _ = letter(b"", **headers).rpartition(b"\r\n\r\n")
    return head + b"\r\n" + part


def part(content_type: str, body: bytes | str, *more: str) -> bytes:
    return "\r\n".join([f"Content-Type: {content_type}", *more, "", ""]).encode() + _bytes(body)


def winmail(*files: tuple[str, bytes], text: str = "") -> bytes:
    """A winmail.dat as Outlook makes them."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    if text:
        out += _attribute(1, 0x0002800C, text.encode("cp1252") + b"\0")
    for name, content in files:
        out += _attribute(2, 0x00069002, b"\x01\x00" + b"\0" * 12)
        out += _attribute(2, 0x00018010, name.encode("ascii", "replace")[:8] + b"\0")
        long = name.encode("utf-16-le") + b"\0\0"
        named = struct.pack("<IHHII", 1, 0x001F, 0x3707, 1, len(long)) + long + b"\0" * (-len(long) % 4)
        out += _attribute(2, 0x00069005, named)
        out += _attribute(2, 0x0006800F, content)
    return out


def _attribute(level: int, number: int, content: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
