"""Which parts of a mail are its text, which are files: the choice a good mail program makes.

An alternative shows one of its forms, a mixed mail all its texts one after the other; a text part that is named as a
file is a file. What cannot be shown stays an attachment, nothing is dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial

from helpdesk.channels.email import attachments, charsets, labels, tnef
from helpdesk.channels.email.attachments import Attachment
from helpdesk.channels.email.mime import Part
from helpdesk.text import html as markup
from helpdesk.text import plain

LONGEST = 2_000_000  # characters of text
ENRICHED = ("text/enriched", "text/richtext")


@dataclass
class Body:
    """What people read and what they download. `source_html` is not cleaned: it is for the quote cutter alone."""

    text: str = ""
    html: str | None = None
    source_html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    sealed: str = ""  # pgp-signed, pgp-encrypted, smime-signed, smime-encrypted
    problems: list[str] = field(default_factory=list)


@dataclass
class _Piece:
    text: str | None = None
    html: str | None = None


def choose(top: Part) -> Body:
    """The body of the whole message."""
    body = Body()
    pieces: list[_Piece] = []
    _collect(top, body, pieces)
    if not any(piece.text or piece.html for piece in pieces):
        pieces += _from_tnef(top)
    source = [piece.html for piece in pieces if piece.html]
    if source:
        body.source_html = "\n".join(source)[: markup.LIMIT]
        body.html = "".join(
            markup.clean(piece.html) if piece.html else markup.from_text(piece.text or "") for piece in pieces
        )
    texts = (piece.text if _says(piece.text) else markup.to_text(piece.html or "") for piece in pieces)
    body.text = plain.scrub("\n\n".join(text.strip("\n") for text in texts if text and text.strip()))
    if len(body.text) > LONGEST:
        body.text = body.text[:LONGEST]
        body.problems.append("text-cut")
    if any(len(html) > markup.LIMIT for html in source):
        body.problems.append("html-cut")
    if len(body.attachments) > attachments.MOST:
        body.problems.append("too-many-files")
        del body.attachments[attachments.MOST :]
    return body


def _says(text: str | None) -> bool:
    return bool(text and text.strip())


def _collect(top: Part, body: Body, pieces: list[_Piece]) -> None:
    open_parts = [top]
    while open_parts:
        part = open_parts.pop(0)
        _note_seal(part, body)
        if part.type == "multipart/alternative" and part.children:
            _alternative(part, body, pieces)
        elif part.children:
            open_parts[:0] = part.children
        elif _is_text(part):
            piece = _Piece()
            _read_into(piece, part, body)
            pieces.append(piece)
        else:
            body.attachments += attachments.from_part(part, len(body.attachments) + 1)


def _alternative(part: Part, body: Body, pieces: list[_Piece]) -> None:
    """One piece of an alternative: its plain form and its rich form; files among them stay files."""
    piece = _Piece()
    for child in part.children:
        for leaf in child.walk():
            _note_seal(leaf, body)
            if leaf.children:
                continue
            if not _is_text(leaf):
                body.attachments += attachments.from_part(leaf, len(body.attachments) + 1)
                continue
            one = _Piece()
            _read_into(one, leaf, body)
            if leaf.type == "text/plain" or not piece.text:
                piece.text = _more(piece.text, one.text, "\n\n")
            piece.html = _more(piece.html, one.html, "")
    pieces.append(piece)


def _more(before: str | None, after: str | None, between: str) -> str | None:
    if not after or not after.strip():
        return before
    if not before or not before.strip() or before.strip() == after.strip():
        return after
    return f"{before}{between}{after}"


def _is_text(part: Part) -> bool:
    if part.main != "text" and part.type not in ("message/delivery-status", "application/xhtml+xml"):
        return False
    if part.disposition == "attachment":
        return part.depth == 0 and not part.filename
    if part.type == "message/delivery-status":
        return part.depth == 0
    if part.type in (
        "text/calendar",
        "text/x-vcard",
        "text/vcard",
        "text/rfc822-headers",
        "text/x-amp-html",
        "text/csv",
    ):
        return False
    if part.filename:
        return part.disposition == "inline" and part.type in ("text/plain", "text/html") and part.depth == 0
    return part.type in ("text/plain", "text/html", *ENRICHED) or part.depth == 0


def _read_into(piece: _Piece, part: Part, body: Body) -> None:
    content = part.content(4 * LONGEST)
    if part.end - part.start > 4 * LONGEST:
        body.problems.append("text-cut")
    label = part.params.get("charset")
    if part.type in ("text/html", "application/xhtml+xml"):
        hints = partial(_hints_of_html, part, content)
        piece.html = plain.scrub(charsets.decode(content, label or _meta_charset(content), hints))
        return
    text = plain.scrub(charsets.decode(content, label, part.headers.labels.codecs))
    if part.type in ENRICHED:  # its words are read here, its looks only in the file
        body.attachments += attachments.from_part(part, len(body.attachments) + 1)
        text = _unenriched(text)
    if part.params.get("format", "").lower() == "flowed":
        text = _unflowed(text, delsp=part.params.get("delsp", "").lower() == "yes")
    piece.text, files = attachments.uuencoded(text)
    body.attachments += files


def _hints_of_html(part: Part, content: bytes) -> list[str]:
    found = re.search(rb"(?i)<(?:html|body)[^>]{0,500}?\slang\s*=\s*[\"']?([a-z-]{2,10})", content[:4000])
    spoken = labels.of_language(found[1]) if found else ()
    return [*part.headers.labels.codecs(), *spoken]


def _meta_charset(content: bytes) -> str | None:
    found = re.search(rb"(?i)<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{2,30})", content[:4000])
    return found[1].decode("ascii") if found else None


def _unflowed(text: str, *, delsp: bool) -> str:
    """format=flowed (RFC 3676): lines that end in a blank go on, within the same depth of quoting."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        joined = open_depth == depth and content != "-- "
        shown = content[:-1] if flows and delsp else content
        if joined:
            out[-1] += shown
        else:
            out.append((">" * depth + " " + shown) if depth else shown)
        open_depth = depth if flows else -1
    return "\n".join(out)


def _unenriched(text: str) -> str:
    """text/enriched and its forerunner as plain text."""
    text = re.sub(r"(?is)<param>.{0,100}?</param>", "", text)
    text = re.sub(r"(?i)<(?:nl|np|lt)>", lambda tag: "<\0" if tag[0].lower() == "<lt>" else "\n", text)
    return re.sub(r"<(?![<\0])/?[\w-]{1,60}>", "", text).replace("<<", "<").replace("\0", "")


def _from_tnef(top: Part) -> list[_Piece]:
    """The body inside a winmail.dat, for a mail that has no other."""
    for part in top.walk():
        if part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or part.filename.lower() == "winmail.dat":
            held = tnef.read(part.content())
            if held and (held.text or held.html):
                return [_Piece(held.text or None, plain.scrub(held.html) or None)]
    return []


def _note_seal(part: Part, body: Body) -> None:
    protocol = part.params.get("protocol", "").lower() + part.params.get("smime-type", "").lower()
    if part.type == "multipart/encrypted":
        body.sealed = "pgp-encrypted"
    elif part.type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        body.sealed = "smime-signed" if "signed" in protocol else "smime-encrypted"
    elif part.type == "multipart/signed":
        body.sealed = "pgp-signed" if "pgp" in protocol else "smime-signed"
