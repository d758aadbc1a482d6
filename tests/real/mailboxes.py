"""What the tests of mailboxes say to the desk and ask of it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask
from sqlalchemy import func, select

from helpdesk.channels.email import fetch
from helpdesk.channels.email.models import InboundMail, MailPlace, MailSource
from helpdesk.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from tests.servers.dovecot import Account

SOURCE = "support_mail"


def reads(app: Flask, url: str, *, by: str = "imap", more: str = "") -> None:
    """The desk's mail source reads this mailbox from now on. `more`: further keys of its `fetch`."""
    with app.app_context():
        text = app.config["HELPDESK"].workflow_path.read_text()
        known = "support_mail: {type: email, address: support@acme.example,"
        assert known in text
        adopted = revisions.adopt(text.replace(known, f'{known} fetch: {{{by}: "{url}"{more}}},'), author="the tests")
        assert adopted.revision, [str(finding) for finding in adopted.findings]


def url(box: Account, *, scheme: str = "imap+insecure", port: int = 0, more: str = "", folder: str = "INBOX") -> str:
    return f"{scheme}://{quote(box.address)}:{quote(box.password)}@localhost:{port or box.port}/{folder}{more}"


def fetched(app: Flask) -> int:
    with app.app_context():
        return fetch.fetch(SOURCE).number


def counts(app: Flask) -> tuple[int, int]:
    """Mails stored, tickets."""
    with app.app_context():
        here = session()
        stored = here.scalar(select(func.count()).select_from(InboundMail)) or 0
        return stored, here.scalar(select(func.count()).select_from(Ticket)) or 0


def state(app: Flask) -> MailSource:
    with app.app_context():
        row = session().get_one(MailSource, SOURCE)
        session().expunge_all()
        return row


def place(app: Flask, folder: str = "INBOX") -> MailPlace:
    with app.app_context():
        row = session().get_one(MailPlace, (SOURCE, folder))
        session().expunge_all()
        return row
