"""`Content-Type` and `Content-Disposition` with their parameters: RFC 2231 pieces and the ways to get them wrong."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from helpdesk.channels.email import charsets, headers

_PIECE = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")
# `attachment filename=x`: the semicolon was left out, or a comma stands for it.
_NO_SEMICOLON = re.compile(r"^(\s*[\w!#$&^.+/-]{1,200}?)(?:\s*,\s*|\s+)(?=[a-z][\w*-]{0,40}\s?=)")
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}")


def read(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=x` -> ("text/plain", {"charset": "x"}), names in lower case, values decoded."""
    pieces = _split(_NO_SEMICOLON.sub(r"\1;", value[:20_000]))
    head = pieces[0].strip().lower() if pieces else ""
    if "(" in head:
        head = _COMMENT.sub("", head).strip()
    plain: dict[str, str] = {}
    parts: dict[str, list[tuple[int, bool, str]]] = {}
    for piece in pieces[1:200] if "=" not in head else pieces[:200]:
        name, equals, content = piece.partition("=")
        found = _PIECE.match(name.strip().lower())
        if not equals or not found:
            continue
        content = _unquoted(content.strip())
        if found[2] or found[3]:
            parts.setdefault(found[1], []).append((int(found[2] or 0), bool(found[3]), content))
        else:
            plain.setdefault(found[1], headers.words(content))
    for name, numbered in parts.items():
        joined = _joined(numbered)
        if joined:
            plain[name] = joined
    return head.split("=")[0] if "=" not in head else "", plain


def media_type(head: str) -> str:
    """A media type one can rely on, "" for anything that is none."""
    head = re.sub(r"\s+", "", head)
    return head if _TYPE.fullmatch(head) else ""


def _split(value: str) -> list[str]:
    """Pieces between semicolons that are not in quotes; a quote that never closes ends at the next semicolon."""
    pieces, begin, at, quoted = [], 0, 0, False
    while at < len(value):
        if value[at] == "\\" and quoted:
            at += 1
        elif value[at] == '"':
            quoted = not quoted
        elif value[at] == ";" and not quoted:
            pieces.append(value[begin:at])
            begin = at + 1
        at += 1
    return pieces + (value[begin:].split(";") if quoted else [value[begin:]])


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        body = value[1:]
        closing = re.search(r'(?<!\\)"', body)
        # `name="a "b" c"`: a quote inside an unescaped name; the last one closes.
        last = body.rfind('"')
        if closing and last >= 0:
            body = body[:last]
        return re.sub(r'\\(["\\])', r"\1", body)
    if value.startswith("'") and value.endswith("'") and len(value) > 1 and value.count("'") == 2:
        return value[1:-1]
    return value


def _joined(numbered: list[tuple[int, bool, str]]) -> str:
    numbered.sort(key=lambda piece: piece[0])
    label, out = "", b""
    if not any(encoded for _, encoded, _ in numbered):
        return headers.words("".join(content for _, _, content in numbered))
    for place, (_, encoded, content) in enumerate(numbered):
        if encoded and place == 0 and content.count("'") >= 2:
            label, _, content = content.split("'", 2)
        raw = content.encode("utf-8", "replace")
        out += unquote_to_bytes(raw) if encoded else raw
    return headers.words(charsets.decode(out, label))
