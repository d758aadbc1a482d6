"""People's text made safe to keep and to compare: lines, names, file names and search words.

Everything that arrives passes here before it is validated, stored or indexed: normalise first, judge afterwards
(a zero-width space in front of `.htaccess` must be gone before anybody looks at the name). Knows no channel and no
database: both search engines are fed the same words by `tokens` and asked the same question by `query`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

# Controls except tab and newline, lone surrogates and noncharacters: no database or page wants them.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Characters that change how others are drawn (overrides, embeddings, isolates) or are not drawn at all.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# A joiner is part of spelling in Persian, Hindi or an emoji family, and a disguise beside an ASCII letter or at an end.
_JOINERS = re.compile("[\u200c\u200d]{2,}")
_STRAY_JOINER = re.compile("(?:^|(?<=[\x00-\x7f]))[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f]|$)")
_PIECE = re.compile("[\x00-\x7f]*[^\x00-\x7f]{0,200}")
_SPACES = re.compile(r"\s+")


def scrub(text: str) -> str:
    """Text of several lines with one kind of line end and without controls, NULs or broken surrogates."""
    return text if _is_usual(text) else _UNWANTED.sub("", _LINE_END.sub("\n", text))


def line(text: str, *, limit: int = 1000) -> str:
    """One visible line: line breaks and runs of white space become a space, invisible characters go (attack 16)."""
    text = text[: 4 * limit]
    if not _is_usual(text):
        text = _STRAY_JOINER.sub("", _JOINERS.sub("\u200d", _INVISIBLE.sub("", scrub(normal(scrub(text))))))
    return _SPACES.sub(" ", text).strip()[:limit].rstrip()


def _is_usual(text: str) -> bool:
    """Nothing in it but letters, digits, signs and spaces of ASCII, as in most of what is looked at: a glance tells."""
    return text.isascii() and text.isprintable()


def normal(text: str, form: Literal["NFC", "NFKD"] = "NFC") -> str:
    """Unicode normalisation in pieces: the whole of 200,000 stacked accents would cost a minute (attack 91)."""
    return text if text.isascii() else "".join(unicodedata.normalize(form, piece) for piece in _PIECE.findall(text))


def person_name(text: str) -> str:
    """A display name to keep: one line of at most 100 characters, without the quotes mail programs wrap it in."""
    text = line(text, limit=400)
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text[:100].strip()


def unlinked(text: str) -> str:
    """A name or subject fit for a mail of ours: nothing in it that a mail program would make clickable (attack 15)."""
    text = re.sub(r"(?i)\b[a-z][a-z0-9+.-]*:/*\S*/\S*|\bwww\.\S+|\S*//\S*", " ", line(text, limit=400))
    text = re.sub(r"[<>\"@]+", " ", text)
    text = re.sub(r"(?<=\w)\.(?=\w\w)", " ", text)
    return _SPACES.sub(" ", text).strip()[:100].strip()


_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")


def filename(text: str, *, fallback: str = "attachment") -> str:
    """A file name to show and to download under, never to use on our disk: no path, no controls, no disguise.

    At most 150 characters and the extension survives (attacks 16 and 17).
    """
    text = line(text, limit=4000).replace("\\", "/").rstrip("/ ")
    text = text.rsplit("/", 1)[-1].strip(" \"'")
    text = text.lstrip(". ").rstrip(". ")
    if not text:
        return fallback
    if text.startswith("-") or _RESERVED.match(text):
        text = "_" + text
    if len(text) > 150:
        stem, dot, extension = text.rpartition(".")
        text = stem[: 149 - len(extension)] + dot + extension if stem and len(extension) <= 12 else text[:150]
    return text


# --- search -----------------------------------------------------------------------------------------------------------

_FOLDED = str.maketrans({"ı": "i", "ς": "σ", "ё": "е", "ð": "d", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe"})
_MARKS = re.compile("[\u0300-\u036f]+")
_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_LONE = re.compile(f"[{_CJK}]")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_TERM = re.compile(r'"([^"]*)"?|(\S+)')


def tokens(text: str) -> list[str]:
    """The words of a text as the search index keeps them, in order; each Chinese or Japanese character is a word."""
    text = text.casefold()
    if text.isascii():
        return _ASCII_WORD.findall(text)
    text = _MARKS.sub("", normal(text.translate(_FOLDED), "NFKD"))
    text = normal(text).casefold().translate(_FOLDED)
    text = _LONE.sub(lambda found: f" {found[0]} ", text)
    return text.translate({ord(each): " " for each in set(text) if not _in_word(each)}).split()


def _in_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc", "Co", "Nl", "No")


@dataclass(frozen=True)
class Query:
    """What somebody typed into a search box: phrases of words, all wanted; the last word may be a beginning only."""

    phrases: tuple[tuple[str, ...], ...]
    open_end: bool = True

    def __bool__(self) -> bool:
        return bool(self.phrases)

    def fts5(self) -> str:
        """The question for SQLite's FTS5; every word is quoted, so nothing typed is syntax."""
        asked = ['"' + " ".join(phrase) + '"' for phrase in self.phrases]
        return " ".join(asked) + ("*" if asked and self.open_end else "")

    def tsquery(self) -> str:
        """The question for PostgreSQL, to be cast to `tsquery`; every word is quoted."""
        asked = [[f"'{word}'" for word in phrase] for phrase in self.phrases]
        if asked and self.open_end:
            asked[-1][-1] += ":*"
        return " & ".join("(" + " <-> ".join(phrase) + ")" for phrase in asked)


def query(text: str, *, limit: int = 12) -> Query:
    """Read a search box: words side by side are all wanted, "quoted ones" and numbers like INV-2024/001 are phrases."""
    phrases = []
    open_end = True
    for quoted, bare in _TERM.findall(text[:1000]):
        words = tuple(tokens(quoted or bare))
        if words:
            phrases.append(words[:limit])
            open_end = not quoted
    return Query(tuple(phrases[:limit]), open_end=open_end)
