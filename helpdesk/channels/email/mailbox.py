"""A mailbox of ours on an IMAP server, and the few things the desk does there.

Certificates are checked, every wait ends, and no answer of the server is shown to strangers. Knows the server's numbers
and no row of ours.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from helpdesk.channels.email.account import Account, MailboxAway, NotLetIn
from helpdesk.text import plain

CONNECT, READ = 20, 120  # seconds
WINDOW, WIDEST = (
    2_000,
    100_000,
)  # numbers asked for at once: an answer of a whole huge folder is longer than a line may be
WINDOWS = 16  # looked into one after the other, before it is asked for all that is left


@dataclass(frozen=True)
class Found:
    """A mail on the server, before it is fetched."""

    uid: int
    size: int


class Mailbox:
    """A signed-in line to the server with one folder open.

    `uidvalidity` changes when the server has numbered the folder's mails anew (RFC 3501, 2.3.1.1).
    """

    def __init__(self, client: IMAPClient, where: Account) -> None:
        self.client, self.where = client, where
        self.folder, self.uidvalidity, self.next = "", 0, 0

    def open(self, folder: str) -> None:
        """Go to this folder."""
        chosen = self.client.select_folder(folder)
        self.folder, self.uidvalidity = folder, int(chosen.get(b"UIDVALIDITY", 0))
        self.next = int(chosen.get(b"UIDNEXT", 0))

    def after(self, uid: int, *, limit: int) -> list[Found]:
        """The next mails behind `uid`, in the order of their arrival, with their sizes; nothing is fetched yet."""
        return self._sizes(self._numbers(uid + 1, limit))

    def between(self, after: int, up_to: int) -> list[Found]:
        """Those behind `after` and up to `up_to`."""
        return self._sizes(self._search(after + 1, up_to)) if up_to > after else []

    def left_after(self, uid: int) -> int:
        """About how many mails stand behind `uid`: no more than these."""
        return max(0, self.next - 1 - uid) if self.next else 0

    def whole(self, uid: int) -> bytes | None:
        """The raw mail, left as unread as it was; None when somebody took it away meanwhile."""
        return self._part(uid, "BODY.PEEK[]", b"BODY[]")

    def head(self, uid: int) -> bytes | None:
        return self._part(uid, "BODY.PEEK[HEADER]", b"BODY[HEADER]")

    def settle(self, uids: Sequence[int], *, stay: bool = False) -> None:
        """These are stored: mark them as seen, or move them to the archive, or take them away; `stay`: only mark."""
        if not uids:
            return
        if self.where.archive and not stay:
            self._archive(list(uids))
        elif self.where.delete and not stay:
            self._take_away(list(uids))
        else:
            self.client.add_flags(list(uids), [b"\\Seen"], silent=True)

    def _archive(self, uids: list[int]) -> None:
        if not self.client.folder_exists(self.where.archive):
            self.client.create_folder(self.where.archive)
        if self.client.has_capability("MOVE"):
            self.client.move(uids, self.where.archive)
        else:
            self.client.copy(uids, self.where.archive)
            self._take_away(uids)

    def _take_away(self, uids: list[int]) -> None:
        self.client.delete_messages(uids, silent=True)
        self.client.uid_expunge(uids) if self.client.has_capability("UIDPLUS") else self.client.expunge()

    def _numbers(self, first: int, limit: int) -> list[int]:
        """Up to `limit` numbers from `first` on, asked for piece by piece."""
        found: list[int] = []
        width = WINDOW
        for _ in range(WINDOWS):
            if len(found) >= limit or (self.next and first >= self.next):
                return found[:limit]
            more = self._search(first, first + width - 1)
            found += more
            first += width
            width = width if more else min(2 * width, WIDEST)
        return (found + self._search(first, None))[:limit]

    def _search(self, first: int, last: int | None) -> list[int]:
        """The numbers in this range. A server answers `n:*` with its last mail, also where that one is before n."""
        asked = self.client.search(["UID", f"{first}:{last or '*'}"])
        return sorted(uid for uid in asked if first <= uid <= (last or uid))

    def _sizes(self, uids: list[int]) -> list[Found]:
        if not uids:
            return []
        told = self.client.fetch(uids, ["RFC822.SIZE"])
        return [Found(uid, int(told[uid][b"RFC822.SIZE"])) for uid in uids if uid in told]

    def _part(self, uid: int, asked: str, answered: bytes) -> bytes | None:
        with _told(self.where):
            found = self.client.fetch([uid], [asked]).get(uid)
        content = found.get(answered) if found else None
        return bytes(content) if content is not None else None


def signed_in(where: Account) -> Mailbox:
    """A line to the server with no folder open yet, to be used within `held`. Raises MailboxAway, and NotLetIn where it
    will not pass by itself.
    """
    with _told(where), ExitStack() as undo:
        context = ssl.create_default_context()
        client = IMAPClient(
            where.host,
            port=where.port,
            ssl=where.scheme == "imaps",
            ssl_context=context if where.scheme == "imaps" else None,
            timeout=SocketTimeout(connect=CONNECT, read=READ),
        )
        undo.enter_context(client)
        if where.scheme == "imap":
            client.starttls(context)
        if where.token:
            client.oauth2_login(where.user, where.token)
        else:
            client.login(where.user, where.password)
        undo.pop_all()
    return Mailbox(client, where)


@contextmanager
def held(box: Mailbox) -> Iterator[Mailbox]:
    """A signed-in line within the block, ended with it. Raises MailboxAway for whatever happens to it."""
    with _told(box.where), box.client:
        yield box


@contextmanager
def _told(where: Account) -> Iterator[None]:
    """Whatever the network or the server does is one kind of trouble, or the other."""
    try:
        yield
    except (IMAPClientError, OSError) as away:
        kind = NotLetIn if _lasting(away) else MailboxAway
        raise kind(f"{where.host} does not give its mail: {said(away)}") from away


def _lasting(error: Exception) -> bool:
    """Whether a person must do something: the password or the certificate. A line that broke while we signed in, or a
    server that says its list of people is away (RFC 5530), is neither.
    """
    if isinstance(error, LoginError):
        return not isinstance(error.__context__, imaplib.IMAP4.abort) and "[UNAVAILABLE]" not in str(error).upper()
    return isinstance(error, ssl.SSLCertVerificationError)


def said(error: Exception) -> str:
    """What went wrong, without the number the system has for it."""
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return plain.line(told, limit=300) or type(error).__name__
