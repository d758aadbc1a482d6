"""A mailbox of ours on a POP3 server (RFC 1939), and the few things the desk does there.

`pop3s://` is TLS from the start, `pop3://` STLS (RFC 2595), `pop3+insecure://` neither. A mail is known by its unique
id (UIDL); what is to be taken away goes when the line is ended politely, and not before. Knows no row of ours.
"""

from __future__ import annotations

import base64
import poplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from helpdesk.channels.email.account import Account, MailboxAway, NotLetIn
from helpdesk.channels.email.mailbox import said

TIMEOUT = 60  # seconds for each wait
LONGEST_LINE = 10_000_000  # bytes; poplib would end the line at 2048, and many a mail has longer ones
PASSING = re.compile(r"\[(?:IN-USE|LOGIN-DELAY|SYS/TEMP)\]", re.IGNORECASE)  # RFC 2449 and 3206


@dataclass(frozen=True)
class Dropped:
    """A mail on the server, before it is fetched."""

    number: int
    uidl: str
    size: int


class _Line:
    """poplib's line with longer ones, the bytes of a mail as they came, and nothing left open when it fails."""

    file: Any = None
    sock: Any = None

    def __init__(self, *where: Any, **more: Any) -> None:
        try:
            super().__init__(*where, **more)
        except BaseException:
            self.hang_up()
            raise

    def hang_up(self) -> None:
        """End the line at once, however it is."""
        for each in (self.file, self.sock):
            with suppress(OSError):  # it may be closed already, in the middle of a handshake
                if each is not None:
                    each.close()
        self.file = self.sock = None

    def _getline(self) -> tuple[bytes, int]:
        line: bytes = self.file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise poplib.error_proto("-ERR the line went dead")
        return line.rstrip(b"\r\n"), len(line)

    def raw(self, command: str, *, most: int) -> bytes:
        """What a command is answered with. Raises error_proto where that is longer than `most` bytes."""
        self._shortcmd(command)  # type: ignore[attr-defined]
        parts, length = [], 0
        while (line := self.file.readline(LONGEST_LINE)) not in (b".\r\n", b".\n"):
            length += len(line)
            if not line.endswith(b"\n") or length > most:
                raise poplib.error_proto("-ERR the line went dead" if length <= most else "-ERR more than was said")
            parts.append(line[1:] if line.startswith(b".") else line)
        return b"".join(parts)


class _Plain(_Line, poplib.POP3):
    pass


class _Secure(_Line, poplib.POP3_SSL):
    pass


class Drop:
    """A signed-in line to the server."""

    def __init__(self, line: _Plain | _Secure, where: Account) -> None:
        self.line, self.where = line, where

    def listed(self) -> list[Dropped]:
        """All mails that are there, in the server's order."""
        sizes = dict(_pairs(self.line.list()[1]))
        return [Dropped(int(number), uidl, int(sizes.get(number, 0))) for number, uidl in _pairs(self.line.uidl()[1])]

    def whole(self, mail: Dropped) -> bytes:
        """The raw mail. A server that sends much more than it said is not listened to any further."""
        with _told(self.where):
            return self.line.raw(f"RETR {mail.number}", most=2 * mail.size + 1_000_000)

    def head(self, mail: Dropped) -> bytes:
        with _told(self.where):
            return self.line.raw(f"TOP {mail.number} 0", most=1_000_000)

    def take_away(self, mail: Dropped) -> None:
        """To be gone when the line has ended."""
        self.line.dele(mail.number)


def signed_in(where: Account) -> Drop:
    """A line to the server, to be used within `held`. Raises MailboxAway; NotLetIn where it will not pass by itself."""
    with _told(where):
        context = ssl.create_default_context()
        line: _Plain | _Secure
        if where.scheme == "pop3s":
            line = _Secure(where.host, where.port, timeout=TIMEOUT, context=context)
        else:
            line = _Plain(where.host, where.port, timeout=TIMEOUT)
        try:
            if where.scheme == "pop3":
                line.stls(context)
            _sign_in(line, where)
        except BaseException:
            line.hang_up()
            raise
    return Drop(line, where)


@contextmanager
def held(drop: Drop) -> Iterator[Drop]:
    """The line within the block; ended politely only where nothing went wrong: then what is to go, goes."""
    with _told(drop.where):
        try:
            yield drop
            drop.line.quit()
        finally:
            drop.line.hang_up()


def _sign_in(line: _Plain | _Secure, where: Account) -> None:
    try:
        if where.token:
            given = f"user={where.user}\1auth=Bearer {where.token}\1\1"
            line._shortcmd("AUTH XOAUTH2")  # type: ignore[union-attr]  # in two steps: a token is longer than a command may be
            answer = line._shortcmd(base64.b64encode(given.encode()).decode())  # type: ignore[union-attr]
            if not answer.startswith(b"+OK"):  # it explains why not, and waits for a nod
                line._shortcmd("")  # type: ignore[union-attr]
        else:
            line.user(where.user)
            line.pass_(where.password)
    except poplib.error_proto as refused:
        away = "went dead" in str(refused) or PASSING.search(str(refused))
        raise (MailboxAway if away else NotLetIn)(_sentence(where, refused)) from refused


@contextmanager
def _told(where: Account) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as untrusted:
        raise NotLetIn(_sentence(where, untrusted)) from untrusted
    except (poplib.error_proto, OSError) as away:
        raise MailboxAway(_sentence(where, away)) from away


def _sentence(where: Account, error: Exception) -> str:
    words = error.args[0] if error.args and isinstance(error.args[0], bytes) else b""
    told = words.decode("utf-8", "replace").removeprefix("-ERR ") if words else said(error).removeprefix("-ERR ")
    return f"{where.host} does not give its mail: {said(Exception(told))}"


def _pairs(lines: list[bytes]) -> list[tuple[str, str]]:
    """`number word` of each line; others are none."""
    split = (line.decode("ascii", "replace").split(None, 2) for line in lines)
    return [(words[0], words[1]) for words in split if len(words) > 1 and words[0].isdigit()]
