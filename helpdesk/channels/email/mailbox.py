"""A mailbox of ours on an IMAP server: the address that names it, and the few things the desk does there.

`imaps://user:password@host/Folder` is TLS from the start, `imap://` STARTTLS, `imap+insecure://` neither (for a server
on this very machine). The folder is INBOX unless named; `?archive=Done` moves what was read instead of marking it as
seen. `${env:NAME}` stands for a secret kept outside the file. Certificates are checked, every wait ends, and no answer
of the server is shown to strangers.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from helpdesk.errors import HelpdeskError
from helpdesk.text import plain

CONNECT, READ = 20, 120  # seconds
_ENV = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_PORTS = {"imap": 143, "imaps": 993, "imap+insecure": 143}


class MailboxAway(HelpdeskError):
    """The mailbox cannot be read at present."""


@dataclass(frozen=True)
class Account:
    """What an address says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    archive: str = ""


@dataclass(frozen=True)
class Found:
    """A mail on the server, before it is fetched."""

    uid: int
    size: int


def account(url: str, environ: Mapping[str, str] | None = None) -> Account:
    """Read the address of a mailbox. Raises MailboxAway where a secret is not set or the address is none."""
    known = os.environ if environ is None else environ
    missing = [name for name in _ENV.findall(url) if not known.get(name)]
    if missing:
        raise MailboxAway(f"The environment variable {missing[0]} is not set.")
    whole = _ENV.fullmatch(url)
    if whole:
        url = known[whole[1]]
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username or port == -1:
        raise MailboxAway("The address of the mailbox must look like imaps://user:password@mail.example.org/INBOX.")

    def secret(text: str | None) -> str:
        return _ENV.sub(lambda found: known[found[1]], unquote(text or ""))

    return Account(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=secret(parts.username),
        password=secret(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        archive=parse_qs(parts.query).get("archive", [""])[0],
    )


class Mailbox:
    """An open folder. `uidvalidity` changes when the server has numbered its mails anew (RFC 3501, 2.3.1.1)."""

    def __init__(self, client: IMAPClient, where: Account) -> None:
        self.client, self.where = client, where
        chosen = client.select_folder(where.folder)
        self.uidvalidity = int(chosen[b"UIDVALIDITY"])

    def after(self, uid: int, *, limit: int) -> list[Found]:
        """The next mails behind `uid`, in the order of their arrival, with their sizes; nothing is fetched yet."""
        numbers = sorted(each for each in self.client.search(["UID", f"{uid + 1}:*"]) if each > uid)[:limit]
        if not numbers:
            return []
        told = self.client.fetch(numbers, ["RFC822.SIZE"])
        return [Found(each, int(told[each][b"RFC822.SIZE"])) for each in numbers if each in told]

    def whole(self, uid: int) -> bytes | None:
        """The raw mail, left as unread as it was; None when somebody took it away meanwhile."""
        return self._part(uid, "BODY.PEEK[]", b"BODY[]")

    def head(self, uid: int) -> bytes | None:
        return self._part(uid, "BODY.PEEK[HEADER]", b"BODY[HEADER]")

    def settle(self, uids: Sequence[int]) -> None:
        """These are stored: mark them as seen, or move them to the archive."""
        if not uids:
            return
        if self.where.archive:
            self._archive(list(uids))
        else:
            self.client.add_flags(list(uids), [b"\\Seen"], silent=True)

    def unsettled(self, up_to: int) -> list[int]:
        """What was stored earlier but not marked or moved, because the desk ended in between (fault 2)."""
        if not up_to:
            return []
        asked = ["UID", f"1:{up_to}"] + ([] if self.where.archive else ["UNSEEN"])
        return [each for each in self.client.search(asked) if each <= up_to]

    def _archive(self, uids: list[int]) -> None:
        if not self.client.folder_exists(self.where.archive):
            self.client.create_folder(self.where.archive)
        if self.client.has_capability("MOVE"):
            self.client.move(uids, self.where.archive)
        else:
            self.client.copy(uids, self.where.archive)
            self.client.delete_messages(uids, silent=True)
            self.client.uid_expunge(uids) if self.client.has_capability("UIDPLUS") else self.client.expunge()

    def _part(self, uid: int, asked: str, answered: bytes) -> bytes | None:
        found = self.client.fetch([uid], [asked]).get(uid)
        content = found.get(answered) if found else None
        return bytes(content) if content is not None else None


@contextmanager
def opened(where: Account) -> Iterator[Mailbox]:
    """The mailbox within the block. Raises MailboxAway for whatever the network or the server does."""
    try:
        context = ssl.create_default_context()
        client = IMAPClient(
            where.host,
            port=where.port,
            ssl=where.scheme == "imaps",
            ssl_context=context if where.scheme == "imaps" else None,
            timeout=SocketTimeout(connect=CONNECT, read=READ),
        )
        with client:
            if where.scheme == "imap":
                client.starttls(context)
            client.login(where.user, where.password)
            yield Mailbox(client, where)
    except (IMAPClientError, OSError, ssl.CertificateError) as away:
        raise MailboxAway(f"{where.host} does not give its mail: {_said(away)}") from away


def _said(error: Exception) -> str:
    return plain.line(str(error), limit=300) or type(error).__name__
