"""A small desk in a process of its own, to be killed: `python -m tests.faults.driver WHAT …` (see `_asked`).

Whatever it has promised to somebody stands in the ledger, a line each, written after the promise. `--later` sets the
clock ten minutes on, as if the dead process's leases had run out. The mailbox that `fetch` reads is named by
SWEEP_MAILBOX; what is promised there is the mark on the server that a mail was seen. Called by `test_crash_sweep`.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from config import Settings
from helpdesk import bare, clock, migrating
from helpdesk.actions import perform
from helpdesk.channels.email import fetch, store
from helpdesk.db import db, session, writing
from helpdesk.people import find
from helpdesk.people.models import Membership
from helpdesk.tickets import actors
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rich import Rich
from helpdesk.worker import Worker
from helpdesk.workflows import revisions

DESK = Path(__file__).parents[1] / "desk.yaml"
ANN = "ann@acme.example"
SOURCE = "support_mail"


def main() -> int:
    asked = _asked()
    settings = Settings(
        env="test",
        var=asked.var,
        workflows=str(DESK),
        secret_key="the sweep's own key, long enough to sign with",
        base_url="http://desk.example",
        smtp_url=asked.smtp,
    )
    app = bare.create_app(settings)
    moment = datetime.now(UTC) + timedelta(minutes=10 if asked.later else 0)
    ledger = os.open(asked.ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    acked = set(Path(asked.ledger).read_text().split())

    def promised(what: str) -> None:
        os.write(ledger, f"{what}\n".encode())

    with clock.frozen(moment), app.app_context():
        worker = Worker(app, chores=())
        if asked.what == "prepare":
            migrating.upgrade(db.engine)
            revisions.adopt(_with_a_mailbox(DESK.read_text()), author="the sweep")
            with writing():
                ann = find.or_create(ANN, name="Ann")
                ann.membership_rows.append(Membership(group="front"))
        for number in range(asked.count):
            if asked.what == "intake" and f"mail-{number}" not in acked:
                store.keep(mail(number), source=SOURCE, envelope_to=["support@acme.example"])
                promised(f"mail-{number}")
                worker.run_until_idle()
            elif asked.what == "reply" and f"reply-{number}" not in acked:
                reply(number)
                promised(f"reply-{number}")
        if asked.what == "fetch":
            fetch.fetch(SOURCE)
        if asked.what in ("intake", "fetch", "send"):
            worker.run_until_idle()
        db.engine.dispose()
    return 0


def _with_a_mailbox(text: str) -> str:
    source = f"{SOURCE}: {{type: email, "
    assert source in text
    return text.replace(source, f'{source}fetch: {{imap: "${{env:SWEEP_MAILBOX}}"}}, ')


def mail(number: int) -> bytes:
    """A mail of a customer of its own, with a file."""
    letter = EmailMessage()
    letter["From"], letter["To"] = f"customer{number}@example.org", "support@acme.example"
    letter["Subject"], letter["Message-ID"] = f"Request {number}", f"<{number}@example.org>"
    letter.set_content(f"Please help with {number}.")
    letter.add_attachment(f"file {number}".encode(), maintype="text", subtype="x-log", filename="a.log")
    letter.set_boundary(f"part-of-{number}")  # sent again it is the same bytes, as from any mail server
    return letter.as_bytes()


def reply(number: int) -> None:
    """Ann answers the ticket of that mail, with a form that has its once-only number."""
    ann = find.by_email(ANN)
    ticket = session().query(Ticket).filter_by(subject=f"Request {number}").one()
    assert ann is not None
    text = Rich(f"Answer {number}")
    perform(ticket.id, "reply", actors.staff(ann), {"message": text}, nonce=f"form-{number}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["prepare", "intake", "fetch", "reply", "send"])
    for name in ("var", "smtp", "ledger"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--later", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
