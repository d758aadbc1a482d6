"""Bytes of a mail as text, whatever the label says: unknown, empty, missing and lying charsets.

Called by everything here that decodes. Never raises and never loses a character it can read: the label is a hint, bytes
that are valid UTF-8 win over single-byte labels, and what fits nowhere is guessed by how the bytes run.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

# Labels that mean more than they say: the superset also reads the vendor's own characters.
_MEANT = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "ansi": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "iso-8859-8": "cp1255",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb_2312-80": "gb18030",
    "euc-cn": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "utf_8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "utf-8-mac": "utf-8",
    "koi8": "koi8-r",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
}
_NO_TEXT = frozenset("idna punycode unicode_escape raw_unicode_escape undefined mbcs oem".split())
_HIGH = re.compile(rb"[\x80-\xff]+")
_AMONG_LETTERS = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]+|[\x80-\xff]+(?=[A-Za-z])")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(data: bytes, label: str | None = None, hints: Callable[[], Iterable[str]] = tuple) -> str:
    """`data` as text, by its label where that is plausible and by its looks where it is not; `hints` are the codecs
    that the mail names elsewhere, asked for only then.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    wanted = known(label)
    if data.isascii() and b"\x1b" not in data and b"\0" not in data:
        return _seven_bits(data, wanted)
    if data.startswith(b"\x1b$)C"):
        return data.decode("iso2022_kr", "replace")
    if wanted == "cp1252" and "ascii" in (label or "").lower():
        wanted = None  # there are bytes that no ASCII has: nobody set this label
    if wanted == "iso2022_jp" or (wanted in (None, "utf-8", "cp1252") and re.search(rb"\x1b\$[@B]", data)):
        return _japanese(data)
    for name in _candidates(data, wanted):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, ValueError):
            continue
    if wanted and wanted not in ("utf-8", "cp1252") and _damage(data, wanted) <= 0.1:
        return data.decode(wanted, "replace")
    if wanted == "utf-8" and _damage(data, "utf-8") <= 0.1:
        return data.decode("utf-8", "replace")
    return data.decode(guess(data, hints), "replace")


def known(label: str | None) -> str | None:
    """The codec that a label means, or None for a label that means nothing."""
    name = re.sub(r"[\"'\s;,]+|^(?:charset=|cs)", "", (label or "").split("*")[0].lower())
    return _codec(name) if name and len(name) <= 40 and name.isascii() else None


@lru_cache(maxsize=256)  # of short names alone: what strangers write there may be of any length
def _codec(name: str) -> str | None:
    name = (
        _MEANT.get(name)
        or _MEANT.get(name.replace("_", "-"))
        or re.sub(r"^(?:x-)?(?:windows|cp|win|ansi)[-_]?(?=\d)", "cp", name)
    )
    name = re.sub(r"^x-(?=mac|euc|iso|koi)", "", name)
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True) or found.name.replace("-", "_") in _NO_TEXT:
        return None
    if found.name.startswith("iso2022_jp"):
        return "iso2022_jp"
    return _MEANT.get(found.name.replace("_", "-"), found.name)


def guess(data: bytes, hints: Callable[[], Iterable[str]] = tuple) -> str:
    """The most likely codec of bytes without a believable label: the first hint that fits, else by how they run.
    Looks at 4,000 bytes at most.
    """
    data = data[:4000]
    if b"\0" in data and len(data) > 3:
        odd, even = data[1::2].count(0), data[::2].count(0)
        if max(odd, even) * 3 > len(data):
            return "utf-16-le" if odd > even else "utf-16-be"
    if _damage(data, "utf-8") <= 0.02:
        return "utf-8"
    runs = _HIGH.findall(data)
    if not runs:
        return "cp1252"
    hinted = next((name for name in hints() if _fits(data, name)), None)
    if hinted:
        return hinted
    length = sum(map(len, runs)) / len(runs)
    if length < 1.6 or (length < 3 and 2 * len(_AMONG_LETTERS.findall(data)) >= len(runs)):
        return "cp1252"  # few letters among ASCII ones: a western language
    return max((*_EAST, *_CYRILLIC, "cp1252"), key=lambda name: _likeness(data, name))


_EAST = ("gb18030", "cp932", "euc_jp", "big5", "cp949")
_CYRILLIC = ("cp1251", "koi8-r", "cp1253", "cp1255", "cp1256")


def _candidates(data: bytes, wanted: str | None) -> list[str]:
    """Codecs to try strictly, best first."""
    if wanted in (None, "utf-8"):
        return ["utf-8"]
    if wanted.startswith(("utf-16", "utf-32")):
        return [wanted] if b"\0" in data or len(data) % 2 == 0 else ["utf-8", wanted]
    if wanted in (*_EAST, "big5hkscs", "utf-7", "hz", "euc_jisx0213") and sum(map(len, _HIGH.findall(data))) < 6:
        return [wanted, "utf-8"]  # two letters of GBK may be good UTF-8 by chance
    if wanted == "cp1252":
        # The default label of programs that never thought about it. Five bytes of cp1252 mean nothing; they still fit.
        return ["utf-8", "cp1252", "latin-1"]
    return ["utf-8", wanted]


def _seven_bits(data: bytes, wanted: str | None) -> str:
    if wanted in ("utf-7", "hz", "iso2022_kr", "cp037", "cp500", "cp1140"):
        try:
            return data.decode(wanted)
        except (UnicodeDecodeError, ValueError):
            pass
    return data.decode("ascii")


_SIGNS = frozenset("\u00a0¡£§©«°·»¿‘’‚“”„…–—•†€™№")
_SELDOM = frozenset("ðþÐÞ÷×ÿìòîĺŕđ")  # in western words; what Russian ones look like when they are read as such


def _fits(data: bytes, name: str) -> bool:
    """Whether bytes read by a codec that the mail names elsewhere look like words of its script."""
    if _damage(data, name) > 0.02:
        return False
    if name in (*_EAST, "big5hkscs"):
        return _likeness(data, name) >= 0.4
    text = f" {data.decode(name, 'replace')} "
    foreign = odd = capitals = 0
    latin = True
    for before, character, after in zip(text, text[1:], text[2:], strict=False):
        if character <= "\x7f" or character in _SIGNS:
            continue
        foreign += 1
        capitals += character.isupper()
        if not (character.isalpha() or "\u0e00" <= character <= "\u0e7f") or (character.isupper() and before.islower()):
            odd += 1
        elif character >= "\u0370":
            latin = False
            odd += (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
    if odd * 10 > foreign or (not latin and odd and capitals * 2 > foreign):
        return False
    runs = _HIGH.findall(data)
    return not latin or foreign < 2 * len(runs) or (foreign <= 12 and _SELDOM.isdisjoint(text))


def _damage(data: bytes, name: str) -> float:
    """The share of non-ASCII bytes that `name` cannot read."""
    high = sum(map(len, _HIGH.findall(data))) or 1
    return data.decode(name, "replace").count("\ufffd") / high


def _likeness(data: bytes, name: str) -> float:
    """How much text decoded by `name` looks like a language: common ideographs, syllables, lower-case words."""
    text = data.decode(name, "replace")
    foreign = [character for character in text if character > "\x7f"]
    if not foreign:
        return 0.0
    points = 0.0
    for before, character in zip(" " + text, text, strict=False):
        if character <= "\x7f":
            continue
        if "\u4e00" <= character <= "\u9fa5":
            points += 0.8 if name != "cp949" else 0.1
        elif (
            "\u3040" <= character <= "\u30ff"
            or "\uac00" <= character <= "\ud7a3"
            or character in "、。，！？：；（）「」"
        ):
            points += 1.0
        elif character.isalpha() and "\u0370" <= character <= "\u06ff":
            points += 0.9 if not character.isupper() else (-0.4 if before.islower() else 0.3)
        elif character.isalpha() and character < "\u0180":
            points += 0.2
        else:
            points -= 1.0
    if name in _EAST:  # rare characters are what wrong bytes decode to: a frequent one lies low in GB 2312 and Big5
        rare = sum(1 for character in foreign if not _frequent(character))
        points -= 1.2 * rare
    return points / len(foreign)


def _frequent(character: str) -> bool:
    """Whether an ideograph belongs to the first, frequent level of the Chinese or Japanese standard."""
    if not "\u4e00" <= character <= "\u9fff":
        return True
    for name, last in (("gb2312", b"\xd7\xff"), ("big5", b"\xc6\x7f"), ("euc_jp", b"\xcf\xff")):
        try:
            if character.encode(name) < last:
                return True
        except UnicodeEncodeError:
            continue
    return False


_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([A-Z]|\([A-Z])")


def _japanese(data: bytes) -> str:
    """ISO-2022-JP read through Shift-JIS, whose table knows the vendor characters that mail from Windows has."""
    out, at, mode = [], 0, b"(B"
    for found in [*_ESCAPE.finditer(data), None]:
        piece = data[at : found.start() if found else len(data)]
        out.append(_japanese_piece(piece, mode))
        if found:
            at, mode = found.end(), found[1]
    return "".join(out)


def _japanese_piece(piece: bytes, mode: bytes) -> str:
    if mode in (b"$@", b"$B"):
        shifted = bytearray()
        for first, second in zip(piece[::2], piece[1::2], strict=False):
            first, second = first & 0x7F, second & 0x7F
            if first < 0x21 or second < 0x21:
                shifted += bytes((first, second))
                continue
            lead = (first - 0x21) // 2 + 0x81
            shifted.append(lead if lead <= 0x9F else lead + 0x40)
            shifted.append(second + (0x1F if second <= 0x5F else 0x20) if first % 2 else second + 0x7E)
        return shifted.decode("cp932", "replace")
    if mode == b"(I":
        return bytes(byte | 0x80 for byte in piece).decode("cp932", "replace")
    if mode.startswith(b"$("):
        return (b"\x1b" + mode + piece + b"\x1b(B").decode("iso2022_jp_2", "replace")
    if piece.isascii():
        return piece.decode("ascii")
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return piece.decode("cp932", "replace")
