"""What happens to mail on its way, and what people do to it on purpose: a sound mail made wrong, by its number.

The same number makes the same mail of the same seeds, so a failure is found again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

CHARSETS = [*b"utf-8 utf-7 us-ascii koi8-r gb18030 iso-2022-jp utf-16 hz zlib idna x-none".split(), b"", b"\xff"]
ENCODINGS = (b"base64", b"quoted-printable", b"x-uuencode", b"8bit", b"7bit", b"binary", b"base65", b"")
TYPES = b"text/html text/plain multipart/mixed multipart/alternative message/rfc822 application/ms-tnef x /".split()
SIGNS = (
    b"\0",
    b"\r",
    b"\n",
    b"\x1b$B",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "\u202e\u200b".encode(),
    b"=?utf-8?b?",
    b"?=",
    b"<",
    b">",
    b'"',
    b"(",
    b";",
    b"=",
    b"--",
    b"> ",
    b"<!--",
    b"&#0;",
    b"begin 644 a\r\n",
)


def mutated(number: int, seeds: Sequence[bytes]) -> bytes:
    """The mail of this number: a seed with one to six things done to it."""
    dice = random.Random(number)
    raw = dice.choice(seeds)
    for _ in range(dice.randint(1, 6)):
        raw = dice.choice(MUTATIONS)(dice, raw, seeds)[:400_000]
    return raw


def _place(dice: random.Random, raw: bytes) -> int:
    return dice.randint(0, len(raw))


def bits_flip(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    changed = bytearray(raw)
    for _ in range(dice.randint(1, 30) if changed else 0):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def is_cut(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    return raw[: _place(dice, raw)]


def loses_a_piece(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    start = _place(dice, raw)
    return raw[:start] + raw[start + dice.randint(1, 200) :]


def says_a_piece_again(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    start = _place(dice, raw)
    return raw[:start] + raw[start : start + dice.randint(1, 300)] * dice.randint(2, 40) + raw[start:]


def signs_come_in(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    at = _place(dice, raw)
    return raw[:at] + dice.choice(SIGNS) * dice.choice((1, 1, 1, 3, 500)) + raw[at:]


def lines_change_places(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    lines = raw.split(b"\n")
    for _ in range(dice.randint(1, 5)):
        one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def a_line_goes_or_comes_twice(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    lines = raw.split(b"\n")
    at = dice.randrange(len(lines))
    lines[at : at + 1] = [lines[at]] * dice.choice((0, 2, 2, 50))
    return b"\n".join(lines)


def line_ends_are_others(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    return raw.replace(b"\r\n", dice.choice((b"\n", b"\r", b"\n\r", b"\r\r\n")))


def headers_of_another(dice: random.Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    head, _, _ = dice.choice(seeds).partition(b"\r\n\r\n")
    _, _, body = raw.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + body


def another_in_the_middle(dice: random.Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    at = _place(dice, raw)
    return raw[:at] + dice.choice(seeds) + raw[at:]


def _label(pattern: bytes, labels: Sequence[bytes]) -> Mutation:
    def is_wrong(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
        return re.sub(pattern, lambda found: found[1] + dice.choice(labels), raw, count=dice.randint(1, 3))

    return is_wrong


def is_wrapped(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    """Forwarded as a part of a part of a part."""
    for level in range(dice.choice((1, 2, 12))):
        kind = dice.choice((b"message/rfc822", b"multipart/mixed; boundary=w%d" % level))
        raw = b"From: a@b.example\r\nContent-Type: " + kind + b"\r\n\r\n--w%d\r\n\r\n" % level + raw
    return raw


def a_header_is_bytes(dice: random.Random, raw: bytes, _seeds: Sequence[bytes]) -> bytes:
    name = dice.choice((b"Subject", b"From", b"To", b"Date", b"Message-ID", b"Content-Type", b"References", b"List-Id"))
    return name + b": " + dice.randbytes(dice.choice((1, 20, 300))) + b"\r\n" + raw


MUTATIONS: tuple[Mutation, ...] = (
    bits_flip,
    is_cut,
    loses_a_piece,
    says_a_piece_again,
    signs_come_in,
    signs_come_in,
    lines_change_places,
    a_line_goes_or_comes_twice,
    line_ends_are_others,
    headers_of_another,
    another_in_the_middle,
    _label(rb"(?i)(charset\s*=\s*)[^\s;]*", CHARSETS),
    _label(rb"(?i)(=\?)[^?\s]+(?=\?)", CHARSETS),
    _label(rb"(?i)(content-transfer-encoding:\s*)[^\r\n]*", ENCODINGS),
    _label(rb"(?i)(content-type:\s*)[^\s;]*", TYPES),
    _label(rb"(?i)(boundary\s*=\s*)[^\s;]*", (b"", b'"', b'"b', b"=_mixed_2", b"-" * 300)),
    is_wrapped,
    a_header_is_bytes,
)
