"""A mailbox in which thousands of mails wait when it is read for the first time (fault 20)."""

from __future__ import annotations

import os
import resource
import time
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.channels.email import fetch, standing
from helpdesk.channels.email.models import InboundMail, MailDiary
from helpdesk.db import session
from helpdesk.worker import Worker
from helpdesk.workflows import revisions
from tests.plugins.post import Post, letter
from tests.real.mailboxes import SOURCE, counts, state, url
from tests.servers.dovecot import Account, Dovecot
from tests.servers.process import PATIENCE, wait_until

OTHER = "sales_mail"
NUMBER = 50_000
AT_MOST = 200_000  # kilobytes that the program may grow by


def fill(dovecot: Dovecot, box: Account, number: int) -> None:
    """Put so many old mails into the mailbox, as a mail server does that delivers into a maildir."""
    with box.client() as client:
        client.select_folder("INBOX")  # it makes the folders
    new = dovecot.maildir(box) / "new"
    owner = new.stat()
    for each in range(number):
        place = new / f"1768000000.M{each:06d}P1.old"
        place.write_bytes(bytes(old(each)))
        os.chown(place, owner.st_uid, owner.st_gid)


def old(number: int) -> EmailMessage:
    """A mail of last January."""
    return letter(
        f"customer{number % 500}@example.org",
        f"The {number}. of them.",
        subject=f"Request {number}",
        message_id=f"<old-{number}@example.org>",
        Date="Mon, 12 Jan 2026 10:00:00 +0000",
    )


def two_mailboxes(app: Flask, first: Account, second: Account) -> None:
    with app.app_context():
        text = app.config["HELPDESK"].workflow_path.read_text()
        known = "  support_mail: {type: email, address: support@acme.example,"
        assert known in text
        keys = f'type: email, address: sales@acme.example, workflow: repair, fetch: {{imap: "{url(second)}"}}'
        other = f"  {OTHER}: {{{keys}}}\n"
        adopted = revisions.adopt(
            text.replace(known, f'{other}{known} fetch: {{imap: "{url(first)}"}},'), author="tests"
        )
        assert adopted.revision, [str(finding) for finding in adopted.findings]


def stored(app: Flask, source: str) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).select_from(InboundMail).where(InboundMail.source == source)) or 0


def test_a_backlog_is_read_in_portions_and_answered_never(
    app: Flask, post: Post, dovecot: Dovecot, imap_mailbox: Account
) -> None:
    number = 2 * fetch.BATCH + 50
    fill(dovecot, imap_mailbox, number)
    two_mailboxes(app, imap_mailbox, dovecot.account())
    with app.app_context():
        turns = [fetch.fetch(SOURCE) for _ in range(4)]
    assert [turn.number for turn in turns] == [fetch.BATCH, fetch.BATCH, 50, 0]
    assert [turn.backlog for turn in turns] == [fetch.BATCH + 50, 50, 0, 0]
    post.turn()
    assert counts(app) == (number, number)
    assert post.sink.received == []
    with app.app_context():
        assert session().scalar(select(func.sum(MailDiary.number)).where(MailDiary.kind == "read")) == number


@pytest.mark.prove
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_fifty_thousand_mails_hold_up_nobody(
    app: Flask, post: Post, dovecot: Dovecot, imap_mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = NUMBER
    monkeypatch.setattr(standing, "EVERY", 1.0)
    fill(dovecot, imap_mailbox, number)
    other = dovecot.account()
    two_mailboxes(app, imap_mailbox, other)
    with app.app_context():
        fetch.schedule()
    worker = Worker(app)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    worker.start(lanes=("mailboxes",))  # what is stored is read by other processes, or later
    try:
        wait_until(lambda: stored(app, SOURCE) >= fetch.BATCH, what="the first portion")
        other.deliver(bytes(letter("edda@example.org")))
        wait_until(lambda: stored(app, OTHER) == 1, what="the other mailbox's mail")
        assert stored(app, SOURCE) < number  # it did not wait for the end of the backlog
        wait_until(lambda: stored(app, SOURCE) == number, what="the whole backlog", seconds=120 * PATIENCE)
    finally:
        assert worker.stop(within=PATIENCE)
    took = time.monotonic() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{number:,} mails in {took:.0f} s, {number / took:.0f} a second; the program grew by {grown:,} kB.")
    assert grown < AT_MOST
    assert state(app).backlog == 0
    assert state(app).messages == number
    assert post.sink.received == []
