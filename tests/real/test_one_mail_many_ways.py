"""The same mail comes by To, by Cc, through a list, into two mailboxes and days later: one ticket (fault 16)."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from helpdesk import clock
from helpdesk.channels.email import fetch
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from tests.plugins.post import Post, letter
from tests.real.mailboxes import SOURCE, counts
from tests.real.test_a_backlog import OTHER, two_mailboxes
from tests.servers.dovecot import Account, Dovecot

ID = "<one@example.org>"


def test_a_mail_that_comes_five_times_is_one_ticket(
    app: Flask, post: Post, dovecot: Dovecot, imap_mailbox: Account, still: None
) -> None:
    sales = dovecot.account()
    two_mailboxes(app, imap_mailbox, sales)
    mail = bytes(letter("olga@example.org", message_id=ID, Cc="sales@acme.example"))
    ways = [
        (imap_mailbox, b"Received: by mx1\r\n"),
        (sales, b"Received: by mx2\r\n"),
        (imap_mailbox, b"Received: by the list\r\nList-Id: <all.acme.example>\r\n"),
        (sales, b"Received: by mx1, again\r\n"),
    ]
    for box, head in ways:
        box.deliver(head + mail)
    everything_is_read(app, post)
    clock.travel(timedelta(days=3))
    imap_mailbox.deliver(b"Received: by mx3, days later\r\n" + mail)
    everything_is_read(app, post)
    assert counts(app) == (5, 1)
    with app.app_context():
        rows = list(session().scalars(select(InboundMail)))
        assert len({row.ticket_id for row in rows}) == 1  # each arrival stands there, with its ticket
        assert {row.status for row in rows} == {"filed"}


def everything_is_read(app: Flask, post: Post) -> None:
    with app.app_context():
        for name in (SOURCE, OTHER):
            fetch.fetch(name)
    post.turn()
