"""Transfer encodings taken off, in pieces, so that a 50 MB mail fits into the reader's memory."""

from __future__ import annotations

import binascii
import re
import string

_WINDOW = 3 << 20
_ALPHABET = (string.ascii_letters + string.digits + "+/").encode()
_BLANK = b" \t\r\n\0\x0b\x0c"
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET))
_ENDED = re.compile(rb"\s*(?:[A-Za-z0-9+/]{4,}\s+)*[A-Za-z0-9+/]{4,}={1,2}(?=\s)")
_PROSE = re.compile(rb"[A-Za-z]{1,20} [A-Za-z]{1,20} [A-Za-z]{1,20} ")


def unbased(raw: bytes, start: int = 0, end: int | None = None) -> bytes:
    """Base64 between two offsets; text that plainly is none (a wrong label) comes back as it is.

    Several padded pieces one after the other are one content; a footer that a list server hung under it is left out.
    """
    end = len(raw) if end is None else end
    sample = raw[start : min(end, start + 4000)]
    ended = _ENDED.match(sample)
    sample = ended[0] if ended else sample
    foreign = len(sample.translate(None, _ALPHABET + _BLANK + b"="))
    if foreign * 20 > len(sample) or _PROSE.search(sample):
        return raw[start:end]
    out: list[bytes] = []
    carry, padded = b"", False
    for at in range(start, end, _WINDOW):
        *finished, last = re.split(rb"=+", raw[at : min(end, at + _WINDOW)])
        for piece in finished:
            if padded and _has_foreign(piece):
                return b"".join(out)
            out.append(_decoded(carry + piece.translate(None, _FOREIGN)))
            carry, padded = b"", True
        if padded and _has_foreign(last):
            return b"".join(out)
        carry += last.translate(None, _FOREIGN)
        whole = len(carry) // 4 * 4
        out.append(_decoded(carry[:whole]))
        carry = carry[whole:]
    out.append(_decoded(carry))
    return b"".join(out)


def _has_foreign(piece: bytes) -> bool:
    return bool(piece.translate(None, _ALPHABET + _BLANK))


def _decoded(letters: bytes) -> bytes:
    """Letters of the alphabet as bytes; a lone last letter says nothing."""
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def unquoted(body: bytes) -> bytes:
    """Quoted-printable content; escapes that are none stay as they are."""
    body = re.sub(rb"=[ \t]*\r?\n", b"", body).removesuffix(b"=")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda found: bytes((int(found[1], 16),)), body)


def unuuencoded(body: bytes) -> bytes:
    """The file of a uuencoded part; what is none comes back as it is."""
    head, begin, rest = body.partition(b"begin ")
    if not begin or head.strip():
        return body
    out = bytearray()
    for line in rest.split(b"\n")[1:]:
        line = line.rstrip(b"\r")
        if line == b"end":
            break
        if line.strip(b" `") and min(line) >= 32 and max(line) <= 96:
            out += uu_line(line)
    return bytes(out)


def uu_line(line: bytes) -> bytes:
    """One line of uuencoded content."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        wanted = ((line[0] - 32) & 63) * 4 // 3 + 1  # trailing junk or stripped blanks: what the length byte asks for
        try:
            return binascii.a2b_uu(line[: wanted + 4].ljust(wanted + 1))
        except binascii.Error:
            return b""
