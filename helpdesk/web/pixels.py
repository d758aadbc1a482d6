"""How many points a picture claims to have, read off its head without unpacking any of it.

A picture of a hundred bytes may say that it is 50,000 points wide and high; whoever draws it needs ten gigabytes
(attack 92). Asked by `attachments` before a picture is shown in place. Knows bytes, nothing else.
"""

from __future__ import annotations

import struct

MOST = 64_000_000  # points: 8,000 wide and high, a quarter of a gigabyte once it is drawn
SEGMENTS = 10_000  # of a JPEG that are looked at before its size is told
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of JPEG behind which the size stands
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


def fits(content: bytes, kind: str) -> bool:
    """Whether a picture of this type has a size, and one that a reader's machine can draw."""
    width, height = _SIZES[kind](content)
    return 0 < width * height <= MOST


def _png(content: bytes) -> tuple[int, int]:
    return _unpacked(">II", content, 16) if content[12:16] == b"IHDR" else (0, 0)


def _gif(content: bytes) -> tuple[int, int]:
    return _unpacked("<HH", content, 6)


def _jpeg(content: bytes) -> tuple[int, int]:
    """Behind the first marker of a frame; a thumbnail in a comment stands inside a segment, which is stepped over."""
    at = 2
    for _ in range(SEGMENTS):
        if at + 4 > len(content) or content[at] != 0xFF:
            break
        marker = content[at + 1]
        if marker in _SOF:
            height, width = _unpacked(">HH", content, at + 5)
            return width, height
        if marker == 0xFF:  # filling
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return 0, 0


def _webp(content: bytes) -> tuple[int, int]:
    form = content[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if form == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = _unpacked("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _unpacked(form: str, content: bytes, at: int) -> tuple[int, int]:
    if len(content) < at + struct.calcsize(form):
        return 0, 0
    first, second = struct.unpack_from(form, content, at)
    return first, second


_SIZES = {"image/png": _png, "image/gif": _gif, "image/jpeg": _jpeg, "image/webp": _webp}
