"""The address of a mailbox, as the workflow file's `fetch` names it.

`imaps://user:password@host/Folder` is TLS from the start, `imap://` STARTTLS, `imap+insecure://` neither (for a server
on this very machine); `pop3s://`, `pop3://` and `pop3+insecure://` are the same for POP3, which has no folders. The
folder is INBOX unless named, and `?folder=` names more of them. What is stored is marked as seen, or moved with
`?archive=Done`, or taken away with `?delete`. `${env:NAME}` stands for a secret kept outside the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from helpdesk.errors import HelpdeskError, NotPossible
from helpdesk.workflows.secrets import reveal

PORTS = {
    "imap": 143,
    "imaps": 993,
    "imap+insecure": 143,
    "pop3": 110,
    "pop3s": 995,
    "pop3+insecure": 110,
}


class MailboxAway(HelpdeskError):
    """The mailbox cannot be read at present."""


class NotLetIn(MailboxAway):
    """The server does not let us in, or is not who it says it is: that does not pass by itself (fault 12)."""


@dataclass(frozen=True)
class Account:
    """What an address says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folders: tuple[str, ...] = ("INBOX",)
    archive: str = ""
    delete: bool = False
    token: str = field(default="", repr=False)  # of the sign-in, instead of a password


def account(url: str, environ: Mapping[str, str] | None = None) -> Account:
    """Read the address of a mailbox. Raises NotLetIn where a secret is not set or the address is none."""
    try:
        whole = url.startswith("${") and url.endswith("}") and url.count("${") == 1
        parts = urlsplit(reveal(url, environ) if whole else url)
        user, password = (reveal(unquote(text or ""), environ) for text in (parts.username, parts.password))
    except NotPossible as missing:
        raise NotLetIn(missing.sentence) from missing
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in PORTS or not parts.hostname or not parts.username or port == -1:
        raise NotLetIn("The address of the mailbox must look like imaps://user:password@mail.example.org/INBOX.")

    if parts.scheme.startswith("pop3") and (
        parts.path.strip("/") or "folder=" in parts.query or "archive=" in parts.query
    ):
        raise NotLetIn("A POP3 mailbox has no folders: its address ends with the host, or with ?delete.")
    asked = parse_qs(parts.query, keep_blank_values=True)
    named = [unquote(parts.path.strip("/")), *asked.get("folder", [])]
    archive = asked.get("archive", [""])[0]
    folders = tuple(dict.fromkeys(filter(None, named))) or ("INBOX",)
    if archive in folders:
        raise NotLetIn(
            f"The mailbox is read from the folder {archive}, so mail cannot be moved there when it is stored."
        )
    return Account(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=user,
        password=password,
        folders=folders,
        archive=archive,
        delete="delete" in asked,
    )
