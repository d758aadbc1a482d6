"""Mail addresses out of headers, strictly: what is not clearly one address of one person says so (attack 27).

Addresses are parsed before encoded words are decoded, so a name cannot smuggle in a second address. One pass over the
text; comments and quotes are counted, never recursed into (attack 90).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.channels.email import headers
from helpdesk.text import plain

MOST = 500  # addresses of one header
_LOCAL = r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}|\"(?:[^\"\\\r\n]|\\.){1,62}\""
_VALID = re.compile(rf"(?:{_LOCAL})@(?:[\w](?:[\w-]{{0,61}}[\w])?(?:\.|$)){{1,20}}", re.UNICODE)
_LITERAL = re.compile(rf"(?:{_LOCAL})@\[[0-9A-Fa-f.:IPv]{{3,60}}\]")
_INSIDE = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w.-]{1,255}")


@dataclass(frozen=True)
class Address:
    """A mailbox: the name people see and the address mail goes to (its domain in lower case)."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def read(value: str) -> tuple[tuple[Address, ...], bool]:
    """The mailboxes of a header's source, and whether it was well formed throughout. Groups are opened."""
    found: list[Address] = []
    sound = True
    for piece, complete in _pieces(value[:200_000]):
        sound = sound and complete
        mailbox, good = _mailbox(piece)
        sound = sound and good
        if mailbox:
            found.append(mailbox)
        if len(found) >= MOST:
            return tuple(found), False
    return tuple(found), sound


def is_valid(address: str) -> bool:
    """Whether this is an address mail can go to: local part, @, domain, nothing dotted wrongly."""
    if len(address) > 254:
        return False
    local, _, domain = address.rpartition("@")
    dotted = not local.startswith('"') and (local.startswith(".") or local.endswith(".") or ".." in local)
    return not dotted and not domain.endswith("..") and bool(_VALID.fullmatch(address) or _LITERAL.fullmatch(address))


@dataclass
class _Piece:
    """What lies between two commas: words outside, comments, and each <…> found."""

    words: str = ""
    comments: str = ""
    angles: tuple[str, ...] = ()
    after: str = ""  # words that follow the <…>


def _pieces(value: str) -> list[tuple[_Piece, bool]]:
    pieces: list[tuple[_Piece, bool]] = []
    words: list[str] = []
    comment: list[str] = []
    angle: list[str] = []
    angles: list[str] = []
    after: list[str] = []
    depth, quoted, in_angle, sound, at = 0, False, False, True, 0
    last_quote, last_bracket = value.rfind('"'), value.rfind(")")

    def close() -> None:
        nonlocal angle, in_angle
        piece = _Piece("".join(words).strip(), "".join(comment).strip(), tuple(angles), "".join(after).strip())
        if piece.words or piece.angles or piece.after:
            pieces.append((piece, sound and not in_angle))
        for part in (words, comment, angle, angles, after):
            part.clear()
        in_angle = False

    while at < len(value):
        character = value[at]
        target = angle if in_angle else after if angles else words
        if character == "\\" and at + 1 < len(value) and (quoted or depth):
            (comment if depth else target).append(value[at : at + 2])
            at += 2
            continue
        if depth:
            depth += (character == "(") - (character == ")")
            comment.append(character if depth else " ")
        elif quoted:
            quoted = character != '"'
            target.append(character)
        elif character == '"' and at < last_quote:
            quoted = True
            target.append(character)
        elif character == "(" and at < last_bracket:
            depth = 1
        elif character == "<":
            if in_angle:
                sound = False
            else:
                in_angle = True
        elif character == ">":
            if in_angle:
                angles.append("".join(angle).strip())
                angle.clear()
                in_angle = False
            else:
                sound = False
        elif character == "," and not (in_angle and angle[:1] == ["@"]):
            if in_angle:
                angles.append("".join(angle).strip())
                sound = False
            close()
            sound = True
        elif character == ";":
            if in_angle:
                angles.append("".join(angle).strip())
            close()
        elif character == ":" and not in_angle and not angles and "@" not in words:
            words.clear()  # the name of a group
        else:
            target.append(character)
        at += 1
    if in_angle:
        angles.append("".join(angle).strip())
        sound = False
    sound = sound and not depth and not quoted
    in_angle = False
    close()
    return pieces


def _mailbox(piece: _Piece) -> tuple[Address | None, bool]:
    """The mailbox of a piece; False beside it when the piece could be read in another way."""
    if piece.angles:
        filled = [inside for inside in piece.angles if inside]
        bare = _bare(filled[-1]) if filled else ""
        name = _name(piece.words) or _name(piece.after)
        good = len(filled) == 1 and not piece.after and is_valid(bare) and not _hidden(piece.words, bare)
        if not filled:
            inside = _INSIDE.search(piece.words)
            return (Address("", _lowered(inside[0])) if inside else None), False
        return Address(name, _lowered(bare)), good
    bare = _bare(piece.words)
    if is_valid(bare):
        return Address(_name(piece.comments), _lowered(bare)), True
    inside = _INSIDE.search(piece.words.replace('"', " "))
    if inside:
        name = _name(piece.words.replace(inside[0], " "))
        return Address(name, _lowered(inside[0].strip("."))), False
    bare = plain.line(headers.words(piece.words))
    return (Address("", bare) if bare and " " not in bare else Address(_name(piece.words), "")), False


def _hidden(words: str, address: str) -> bool:
    """Whether unquoted words before <…> hold another address: two programs would choose differently."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"|=\?[^?\s]+\?[bBqQ]\?[^?]*\?=', " ", words)
    return any(found.lower() != address.lower() for found in _INSIDE.findall(outside))


def _bare(address: str) -> str:
    """The address without what programs wrap around it: blanks, quotes, `mailto:`, an old source route."""
    address = re.sub(r"\s+", "", headers.words(address)) if '"' not in address else address.strip()
    address = re.sub(r"(?i)^mailto:", "", address)
    if address.startswith("@") and ":" in address:
        address = address.rpartition(":")[2]
    if len(address) > 1 and address[0] in "'\"" and address[-1] == address[0]:
        address = address[1:-1]
    return plain.line(address, limit=400).rstrip(".")


def _lowered(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _name(words: str) -> str:
    words = words.strip()
    if words.startswith('"') and words.endswith('"') and len(words) > 1:
        words = words[1:-1]
    words = re.sub(r'"((?:[^"\\]|\\.)*)"', r"\1", words)
    return plain.person_name(headers.words(re.sub(r"\\(.)", r"\1", words)))
