"""The parts of a mail as a tree, made by offsets into the raw bytes: a 50 MB mail is held once, however deep it is cut.

Bounded by counts (attack 90): past `MOST` parts or `DEEPEST` levels a part is left whole, and the mail says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.channels.email import headers, params, transfer
from helpdesk.channels.email.headers import Headers
from helpdesk.channels.email.labels import Labels

MOST, DEEPEST = 500, 25
_PART_BEGINS = re.compile(rb"content-|\r?\n", re.IGNORECASE)


@dataclass
class Part:
    """One part: where its body lies in `raw`, what it claims to be, and the parts inside it."""

    raw: bytes = field(repr=False)
    headers: Headers
    start: int
    end: int
    type: str
    params: dict[str, str]
    disposition: str
    filename: str
    depth: int
    within: str = ""
    children: list[Part] = field(default_factory=list)

    @property
    def main(self) -> str:
        return self.type.partition("/")[0]

    def source(self) -> bytes:
        """The body as it was sent."""
        return self.raw[self.start : self.end]

    def content(self, most: int | None = None) -> bytes:
        """The body with its transfer encoding taken off, `most` bytes of it; one that does not fit is not believed."""
        encoding = re.sub(r"[\s\"';].*$", "", self.headers.get("content-transfer-encoding").lower().strip(" \"'"))
        end = self.end if most is None else min(self.end, self.start + 2 * most)
        if encoding in ("base64", "b"):
            return transfer.unbased(self.raw, self.start, end)[:most]
        if encoding in ("quoted-printable", "q", "qp", "quotedprintable", "quoted-printeable"):
            return transfer.unquoted(self.raw[self.start : end])[:most]
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            return transfer.unuuencoded(self.raw[self.start : end])[:most]
        return self.raw[self.start : end][:most]

    def walk(self) -> Iterator[Part]:
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


def read(raw: bytes) -> tuple[Part, list[str]]:
    """The tree of a whole message and what was odd about it. Never raises."""
    raw = _with_usual_line_ends(raw)
    problems: list[str] = []
    labels = Labels()
    top = _part(raw, 0, len(raw), labels)
    if top.headers.junk:
        problems.append("broken-headers")
    open_parts, count = [top], 1
    while open_parts:
        part = open_parts.pop(0)
        if part.main != "multipart":
            continue
        if part.depth >= DEEPEST:
            _note(problems, "too-deep")
            continue
        for start, end in _cut(part, problems):
            if count >= MOST:
                _note(problems, "too-many-parts")
                break
            count += 1
            child = _part(raw, start, end, labels, depth=part.depth + 1, within=part.type)
            part.children.append(child)
            open_parts.append(child)
        if not part.children:
            part.type = "text/plain"
    return top, problems


def _part(raw: bytes, start: int, end: int, labels: Labels, *, depth: int = 0, within: str = "") -> Part:
    head, body = headers.split(raw, start, end, labels)
    declared = head.source("content-type")
    kind, given = params.read(declared)
    disposition, more = params.read(head.source("content-disposition"))
    filename = more.get("filename") or given.get("name") or more.get("name") or given.get("filename") or ""
    if kind in ("text", "plain", "html"):
        kind = "text/html" if kind == "html" else "text/plain"
    elif kind == "multipart" or (kind.startswith("multipart") and "/" not in kind):
        kind = "multipart/mixed"
    kind = params.media_type(kind)
    if not kind and given.get("boundary"):
        kind = "multipart/mixed"
    if not kind:
        if within == "multipart/digest":
            kind = "message/rfc822"
        else:
            kind = "application/octet-stream" if filename and declared else "text/plain"
    return Part(raw, head, body, end, kind, given, disposition.strip(), filename, depth, within)


def _cut(part: Part, problems: list[str]) -> list[tuple[int, int]]:
    """Where the parts of a multipart lie."""
    boundary = part.params.get("boundary", "").strip()
    found = _between(part, boundary.encode("utf-8", "replace")) if boundary else []
    if not found:
        guessed = _guessed_boundary(part)
        if guessed is not None:
            found = _between(part, guessed)
        _note(problems, "broken-multipart")
    return found


def _between(part: Part, boundary: bytes) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    begin, goes_on = -1, 0
    for at, after, rest in _marks(part, boundary, part.start):
        closes = rest.startswith(b"--")
        if rest[2 if closes else 0 :].strip(b" \t\0"):
            continue
        if begin >= 0:
            spans.append((begin, _without_line_end(part.raw, begin, at)))
        begin = -1 if closes else after
        if closes and goes_on < after:
            goes_on = _opening(part, boundary, after)
        if len(spans) > MOST or (closes and goes_on < 0):
            break
    if 0 <= begin < part.end:
        spans.append((begin, part.end))
    return spans


def _opening(part: Part, boundary: bytes, start: int) -> int:
    """Where, behind a closing line, one more part begins, or -1: programs that add a footer sometimes forget to move
    it.
    """
    for at, after, rest in _marks(part, boundary, start):
        if not rest.strip(b" \t") and _PART_BEGINS.match(part.raw, after, part.end):
            return at
    return -1


def _marks(part: Part, boundary: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    """The lines from `start` on that begin as one between two parts does: where each begins, where the next line does,
    and how it goes on. A boundary is in one mail alone: to compile a pattern for it takes longer than to look for it.
    """
    raw, mark = part.raw, b"--" + boundary
    at = start
    if not raw.startswith(mark, start, part.end):
        at = raw.find(b"\n" + mark, start, part.end) + 1 or -1
    while at >= 0:
        after = raw.find(b"\n", at, part.end) + 1 or part.end
        yield at, after, raw[at + len(mark) : after].removesuffix(b"\n").removesuffix(b"\r")
        at = raw.find(b"\n" + mark, after - 1, part.end) + 1 or -1


def _guessed_boundary(part: Part) -> bytes | None:
    found = re.compile(
        rb"^--([^\s-][^\r\n]{0,200}?)[ \t]*\r?\n(?=content-[a-z-]+:)", re.MULTILINE | re.IGNORECASE
    ).search(part.raw, part.start, part.end) or re.compile(
        rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-[a-z-]+:)", re.MULTILINE | re.IGNORECASE
    ).search(part.raw, part.start, part.end)
    return found[1] if found else None


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
    if end > start and raw[end - 1 : end] == b"\r":
        end -= 1
    return end


def _with_usual_line_ends(raw: bytes) -> bytes:
    """Lone CRs, doubled CRs, a NUL after each line end: put right where they are the rule, or a head is one line."""
    sample = re.split(rb"\n\r?\n", raw[:4000])[0]
    if b"\n" not in sample and b"\r" in sample:
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if sample.count(b"\r\r\n") > 1:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    if sample.count(b"\n\0") > 1:
        raw = raw.replace(b"\n\0", b"\n")
    return raw


def _note(problems: list[str], problem: str) -> None:
    if problem not in problems:
        problems.append(problem)
