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
    """What lies between two commas: words outside, comments, each <…> found, words that follow one."""

    words: str = ""
    comments: str = ""
    angles: tuple[str, ...] = ()
    after: str = ""


def _pieces(value: str) -> list[tuple[_Piece, bool]]:
    """The pieces of a header, and beside each whether it was well formed."""
    scan = _Scan(value)
    scan.run()
    return scan.pieces


class _Scan:
    """One walk over the header, a character or an escaped pair at a time."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.last_quote, self.last_bracket = value.rfind('"'), value.rfind(")")
        self.pieces: list[tuple[_Piece, bool]] = []
        self.depth, self.quoted = 0, False
        self._begin()

    def _begin(self) -> None:
        self.words: list[str] = []
        self.named = False  # an @ is among the words
        self.comments: list[str] = []
        self.angle: list[str] | None = None
        self.angles: list[str] = []
        self.after: list[str] = []
        self.sound = True

    def run(self) -> None:
        at = 0
        while at < len(self.value):
            character = self.value[at]
            if character == "\\" and (self.quoted or self.depth):
                character = self.value[at : at + 2]
            if self.depth:
                self._in_comment(character)
            elif self.quoted or (character == '"' and at < self.last_quote):
                self.quoted = self.quoted != (character == '"')
                self._put(character)
            elif character == "(" and at < self.last_bracket:
                self.depth = 1
            elif character in "<>":
                self._bracket(character)
            else:
                self._outside(character)
            at += len(character)
        self.sound = self.sound and not self.depth and not self.quoted
        self._close()

    def _put(self, character: str) -> None:
        if self.angle is not None:
            self.angle.append(character)
        elif self.angles:
            self.after.append(character)
        else:
            self.words.append(character)
            self.named = self.named or character == "@"

    def _in_comment(self, character: str) -> None:
        self.depth += (character == "(") - (character == ")")
        self.comments.append(character if self.depth else " ")

    def _bracket(self, character: str) -> None:
        if character == "<" and self.angle is None:
            self.angle = []
        elif character == ">" and self.angle is not None:
            self.angles.append("".join(self.angle).strip())
            self.angle = None
        else:
            self.sound = False

    def _outside(self, character: str) -> None:
        route = self.angle is not None and self.angle[:1] == ["@"]  # <@relay,@relay:ann@firm>: an old source route
        if character == ";" or (character == "," and not route):
            self._close()
        elif character == ":" and self.angle is None and not self.angles and not self.named:
            self.words.clear()  # it was the name of a group
        else:
            self._put(character)

    def _close(self) -> None:
        if self.angle is not None:  # it never ended
            self.angles.append("".join(self.angle).strip())
            self.sound = False
        words, comments, after = ("".join(part).strip() for part in (self.words, self.comments, self.after))
        if words or self.angles or after:
            self.pieces.append((_Piece(words, comments, tuple(self.angles), after), self.sound))
        self._begin()


def _mailbox(piece: _Piece) -> tuple[Address | None, bool]:
    """The mailbox of a piece; False beside it when the piece could be read in another way."""
    if piece.angles:
        filled = [inside for inside in piece.angles if inside]
        bare = _bare(filled[-1]) if filled else ""
        name = _name(piece.words) or _name(piece.after)
        plainly = len(filled) == 1 and "=?" not in filled[0] and not piece.after
        good = plainly and is_valid(bare) and not _hidden(piece.words, bare)
        if not filled:
            inside = _INSIDE.search(piece.words)
            return (Address("", _lowered(inside[0])) if inside else None), False
        return Address(name, _lowered(bare)), good
    bare = _bare(piece.words)
    if is_valid(bare):
        return Address(_name(piece.comments), _lowered(bare)), "=?" not in piece.words
    inside = _INSIDE.search(piece.words.replace('"', " "))
    if inside:
        name = _name(piece.words.replace(inside[0], " "))
        return Address(name, _lowered(inside[0].strip("."))), False
    bare = plain.line(headers.words(piece.words))
    if bare and " " not in bare:
        return Address(_name(piece.comments), bare), False
    return Address(_name(piece.words), ""), False


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
