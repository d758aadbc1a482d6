"""The files of the demo's customers, made by code: pictures, letters and a log, small and always the same."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from helpdesk.tickets.rich import Upload

WIDE, HIGH = 96, 64
TINTS = ((214, 152, 74), (88, 129, 178), (120, 158, 110), (176, 96, 96))


def picture(number: int, about: str) -> Upload:
    """A PNG: a lamp in a room, in one of four lights."""
    return Upload.keep(_png(number), filename=f"{about}-{number}.png", content_type="image/png")


def letter(number: int, about: str) -> Upload:
    """A PDF of one page."""
    return Upload.keep(
        _pdf(f"Northwind Devices - {about} {number}"), filename=f"{about}-{number}.pdf", content_type="application/pdf"
    )


def log(number: int, about: str) -> Upload:
    """What an app offers to send along."""
    lines = [
        f"2026-11-{1 + line % 28:02d} 0{line % 10}:14:{line % 60:02d} {about} {word}"
        for line, word in enumerate(_words(number))
    ]
    return Upload.keep("\n".join(lines).encode(), filename=f"{about}-{number}.txt", content_type="text/plain")


KINDS: dict[str, Callable[[int, str], Upload]] = {"picture": picture, "letter": letter, "log": log}


def _words(number: int) -> list[str]:
    return (["connect", "ping 12 ms", "timer set 21:00", "timer fired 22:00", "sleep"] * (3 + number % 5))[
        : 12 + number % 9
    ]


def _png(number: int) -> bytes:
    red, green, blue = TINTS[number % len(TINTS)]
    rows = bytearray()
    for y in range(HIGH):
        rows.append(0)
        for x in range(WIDE):
            near = max(0.0, 1 - ((x - WIDE / 2) ** 2 + (y - HIGH / 3) ** 2) / 900)
            foot = abs(x - WIDE / 2) < 3 and y > HIGH / 3
            light = 0.25 if foot else 0.35 + 0.65 * near
            rows += bytes(int(min(255, part * light + 60 * near)) for part in (red, green, blue))
    head = struct.pack(">IIBBBBB", WIDE, HIGH, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _pdf(text: str) -> bytes:
    drawn = f"BT /F1 18 Tf 60 760 Td ({text}) Tj ET".encode("latin-1")
    bodies = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    index = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, index)
    return bytes(out)
