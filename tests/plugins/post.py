"""`post`: the mail of a test. Letters go in as raw bytes, a turn of the worker reads and sends, a real SMTP server
takes what leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage

import pytest
from flask import Flask

from helpdesk.channels.email import store
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from helpdesk.worker import Worker
from tests.cast import Case
from tests.servers.mail_sink import MailSink, Received

SUPPORT = "support@acme.example"


@dataclass
class Post:
    """The desk's mail, both ways."""

    app: Flask
    sink: MailSink

    def turn(self) -> int:
        """All that is due now is done."""
        return Worker(self.app, chores=()).run_until_idle()

    def arrives(
        self, raw: bytes | EmailMessage, *, envelope_from: str = "", to: Sequence[str] = (SUPPORT,), source: str = ""
    ) -> InboundMail:
        """A mail is stored and read; gives its row."""
        content = raw.as_bytes() if isinstance(raw, EmailMessage) else raw
        with self.app.app_context():
            mail_id = store.keep(content, source=source, envelope_from=envelope_from, envelope_to=to)
        self.turn()
        return self.row(mail_id)

    def case(self, raw: bytes | EmailMessage, **envelope: object) -> Case:
        """The ticket a mail came to."""
        row = self.arrives(raw, **envelope)  # type: ignore[arg-type]
        assert row.ticket_id, f"{row.status}: {row.error}"
        return Case(self.app, row.ticket_id)

    def row(self, mail_id: int) -> InboundMail:
        with self.app.app_context():
            row = session().get_one(InboundMail, mail_id)
            session().expunge_all()
            return row

    def to(self, address: str) -> list[Received]:
        """What the desk has sent to this address."""
        return [each for each in self.sink.received if address in each.recipients]


def letter(
    sender: str,
    text: str = "It does not work.",
    *,
    subject: str = "Printer on fire",
    to: str = SUPPORT,
    answers: EmailMessage | None = None,
    message_id: str = "",
    **headers: str,
) -> EmailMessage:
    """A mail as a mail program writes it; `answers` makes it a reply to another, quoting nothing."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if message_id:
        mail["Message-ID"] = message_id
    if answers is not None:
        mail["In-Reply-To"] = answers["Message-ID"]
        mail["References"] = f"{answers.get('References', '')} {answers['Message-ID']}".strip()
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


@pytest.fixture
def post(app: Flask, mail_sink: MailSink) -> Post:
    """The desk's mail, with a real server for what leaves."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=mail_sink.url)
    return Post(app, mail_sink)
