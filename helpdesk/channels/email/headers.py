"""The head of a mail, read line by line with patience: junk lines, broken folding, raw 8-bit text, wrong encoded words.

Each header is read on its own, so one that is broken harms no other (the standard library raises on *reading* some).
Everything here is linear in the size of what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from helpdesk.channels.email import charsets, transfer
from helpdesk.channels.email.labels import Labels
from helpdesk.text import plain

MOST = 1000  # headers of one part
LONGEST = 50_000  # bytes of one value

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^\s?=]{1,60})\?([bBqQ])\?((?:[^?=]|=(?!\?(?!=))|\?(?!=))*)\?=")
_CUT_WORD = re.compile(r"=\?([\w.-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?\s]{4,})\??$")
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^\s?=]{1,60}\?[bBqQ]\?)")


@dataclass(frozen=True)
class Headers:
    """Headers in their order, values unfolded but raw; asked by lower-case name."""

    items: tuple[tuple[str, bytes], ...] = ()
    junk: bool = field(default=False, compare=False)  # lines that are no header stood among them
    labels: Labels = field(default_factory=Labels, compare=False, repr=False)  # of the whole mail

    def raw(self, name: str) -> list[bytes]:
        return [value for known, value in self.items if known == name]

    def all(self, name: str) -> list[str]:
        return [text(value, self.labels) for value in self.raw(name)]

    def sources(self, name: str) -> list[str]:
        """All values of a name as `source` has them."""
        return [source(value, self.labels) for value in self.raw(name)]

    def get(self, name: str) -> str:
        """The first value that says something, decoded to one clean line; "" without one."""
        return next((value for raw in self.raw(name) if (value := text(raw, self.labels))), "")

    def source(self, name: str) -> str:
        """The same before encoded words are decoded: addresses and parameters are parsed first, decoded afterwards."""
        return next((value for raw in self.raw(name) if (value := source(raw, self.labels))), "")

    def __contains__(self, name: str) -> bool:
        return name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(known for known, _ in self.items)


def split(raw: bytes, start: int = 0, end: int | None = None, labels: Labels | None = None) -> tuple[Headers, int]:
    """The headers from `start` and where the body begins. `labels` are those of the mail they belong to.

    A line that is no header ends the head where a blank line should have: unless more headers follow it at once, then
    it is junk in between (a program's banner, a lost piece of folding).
    """
    end = len(raw) if end is None else end
    items: list[tuple[str, bytearray]] = []
    at, junk, began = start, False, False
    for line, begin, after in _lines(raw, start, end):
        blank = not line.strip(b"\r\n\0 \t")
        if blank and (not line.startswith((b" ", b"\t")) or not began):
            if not began and items == [] and not junk:
                at = after
                continue  # blank lines before the first header
            return _done(items, junk, labels), after
        at = begin
        if line[:1] in b" \t" and items:
            _append(items[-1][1], line)
        elif not began and line.startswith((b"From ", b">From ")):
            at = after
            continue
        else:
            found = _FIELD.match(line.lstrip(b"\0") if not began else line)
            if found and len(items) < MOST:
                items.append((found[1].decode("ascii").lower(), bytearray(found[2].strip(b"\r\n")[:LONGEST])))
                began = True
            elif found:
                junk = True
            elif not _headers_follow(raw, after, end):
                return (_done(items, True, labels), begin) if items else (Headers(junk=True), start)
            else:
                junk = True
        at = after
    return _done(items, junk, labels), at


def _done(items: list[tuple[str, bytearray]], junk: bool, labels: Labels | None) -> Headers:
    head = Headers(tuple((name, bytes(value)) for name, value in items), junk, labels or Labels())
    head.labels.learn(head.items)
    return head


def _append(value: bytearray, line: bytes) -> None:
    if len(value) < LONGEST:
        value += b"\n" + line.rstrip(b"\r\n")[:LONGEST]


def _headers_follow(raw: bytes, start: int, end: int) -> bool:
    """Whether a believable head goes on after a line that is none: the next line is a header one knows."""
    line = next((line for line, _, _ in _lines(raw, start, min(end, start + 2000))), b"")
    found = _FIELD.match(line)
    return bool(found and _COMMON.match(found[1]))


_COMMON = re.compile(
    rb"(?i)(?:(?:resent-)?(?:from|to|cc|bcc|date|sender|message-id)|reply-to|subject|received|return-path|mime-version|"
    rb"content-[a-z-]+|x-[\w-]+|in-reply-to|references|delivered-to|dkim-signature|list-[a-z-]+|precedence|"
    rb"auto-submitted|authentication-results|arc-[a-z-]+|importance|user-agent|thread-[a-z]+)$"
)


def _lines(raw: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start < end:
        after = raw.find(b"\n", start, end) + 1 or end
        yield raw[start:after], start, after
        start = after


def source(value: bytes, labels: Labels | None = None) -> str:
    """A raw value as one line: unfolded, 8-bit text decoded, encoded words still encoded."""
    text = charsets.decode(value, hints=labels.codecs) if labels else charsets.decode(value)
    return re.sub(r"[\r\n]+[ \t]*|\t", " ", text).replace("\0", "").strip()


def text(value: bytes, labels: Labels | None = None) -> str:
    """A raw value as one clean line for people, encoded words decoded."""
    return plain.line(words(source(value, labels)), limit=LONGEST)


def words(value: str) -> str:
    """RFC 2047 encoded words decoded, also where they are split in mid-character, unpadded, spaced or cut off."""
    if "=?" not in value:
        return value
    value = _BETWEEN.sub(r"\1", value)
    out: list[str] = []
    at, pending, label = 0, b"", ""
    for found in _WORD.finditer(value):
        if found.start() > at or found[1].lower() != label:
            out.append(charsets.decode(pending, label) if pending else "")
            pending = b""
        out.append(value[at : found.start()])
        label = found[1].lower()
        pending += _payload(found[2], found[3])
        at = found.end()
    if pending:
        out.append(charsets.decode(pending, label))
    rest = value[at:]
    cut = _CUT_WORD.search(rest)
    if cut:
        rest = rest[: cut.start()] + charsets.decode(_payload(cut[2], cut[3]), cut[1]).rstrip("\ufffd")
    return "".join(out) + rest


def _payload(how: str, body: str) -> bytes:
    raw = body.encode("utf-8", "replace")
    return transfer.unquoted(raw.replace(b"_", b" ")) if how in "qQ" else transfer.unbased(raw)
