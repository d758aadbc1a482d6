"""A real Dovecot says by itself that mail has come, and it is a ticket (W2; faults 6, 11 and 12)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from helpdesk.channels.email import fetch, line, listen, mailbox, standing
from helpdesk.channels.email.models import MailDiary
from helpdesk.db import db, session
from helpdesk.worker import Worker
from tests.plugins.post import Post, letter
from tests.real.mailboxes import SOURCE, counts, reads, state, url
from tests.servers.dovecot import Account
from tests.servers.process import PATIENCE, wait_until

AGES = 3600.0


@pytest.fixture(autouse=True)
def nobody_looks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mailbox that was read is not looked into again for an hour: what comes in, came by being heard."""
    monkeypatch.setattr(standing, "EVERY", AGES)
    monkeypatch.setattr(standing, "WHILE_HEARD", AGES)
    monkeypatch.setattr(listen, "LOOK", 0.1)
    monkeypatch.setattr(line, "SLICE", 0.2)
    monkeypatch.setattr(line, "SHORTEST", 0.2)


@contextmanager
def working(app: Flask, *, number: int = 1) -> Iterator[list[Worker]]:
    with app.app_context():
        fetch.schedule()
    workers = [Worker(app) for _ in range(number)]
    for worker in workers:
        worker.start()
    try:
        yield workers
    finally:
        assert [worker.stop(within=PATIENCE) for worker in workers] == [True] * number


def hears(app: Flask) -> bool:
    with app.app_context():
        row = standing.of(SOURCE)
        return row is not None and row.hears_since is not None


def diary(app: Flask) -> list[str]:
    with app.app_context():
        return list(session().scalars(select(MailDiary.kind).order_by(MailDiary.id)))


def test_mail_is_a_ticket_as_soon_as_the_server_says_so(app: Flask, post: Post, imap_mailbox: Account) -> None:
    reads(app, url(imap_mailbox))
    with working(app):
        wait_until(lambda: hears(app), what="the mailbox to be listened to")
        for number in range(1, 4):
            imap_mailbox.deliver(bytes(letter("olga@example.org", f"the {number}. time")))
            wait_until(lambda: counts(app) == (number, number), what="the ticket")  # noqa: B023 - asked at once
        assert db_connections_in_use(app) == 0
    assert not hears(app)
    assert state(app).listener == ""
    assert diary(app)[0] == "listening"
    assert diary(app).count("read") >= 1


def test_a_line_is_made_anew_before_anybody_forgets_it(
    app: Flask, post: Post, imap_mailbox: Account, idles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "ANEW", 0.5)
    reads(app, url(imap_mailbox))
    with working(app):
        wait_until(lambda: len(idles) >= 3, what="IDLE to be said three times")
        imap_mailbox.deliver(bytes(letter("olga@example.org")))
        wait_until(lambda: counts(app) == (1, 1), what="the ticket")
    assert "deaf" not in diary(app)[:-1]


def test_of_several_workers_one_listens_and_another_takes_over(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """Fault 6."""
    reads(app, url(imap_mailbox))
    with working(app, number=3) as workers:
        wait_until(lambda: hears(app), what="the mailbox to be listened to")
        (listener,) = [worker for worker in workers if worker.listening.sources]
        assert state(app).listener == listener.name
        assert listener.stop(within=PATIENCE)
        others = [worker for worker in workers if worker is not listener]
        wait_until(lambda: hears(app), what="another worker to listen")
        assert state(app).listener in [worker.name for worker in others]
        imap_mailbox.deliver(bytes(letter("olga@example.org")))
        wait_until(lambda: counts(app) == (1, 1), what="the ticket")


def test_a_server_without_idle_is_asked_instead(
    app: Flask, post: Post, imap_mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox.IMAPClient, "has_capability", lambda _, name: name != "IDLE")
    monkeypatch.setattr(standing, "EVERY", 0.5)
    reads(app, url(imap_mailbox))
    with working(app):
        wait_until(lambda: "deaf" in diary(app), what="the server to be found without IDLE")
        imap_mailbox.deliver(bytes(letter("olga@example.org")))
        wait_until(lambda: counts(app) == (1, 1), what="the ticket")
        assert not hears(app)


def test_each_folder_of_a_mailbox_is_listened_to(app: Flask, post: Post, imap_mailbox: Account) -> None:
    with imap_mailbox.client() as client:
        client.create_folder("Sales")
    reads(app, url(imap_mailbox, more="?folder=Sales"))
    with working(app):
        wait_until(lambda: hears(app), what="the mailbox to be listened to")
        imap_mailbox.deliver(bytes(letter("olga@example.org", "one")), folder="Sales")
        imap_mailbox.deliver(bytes(letter("edda@example.org", "two")))
        wait_until(lambda: counts(app) == (2, 2), what="both tickets")


def test_a_worker_ends_while_its_server_is_silent(app: Flask, post: Post, imap_mailbox: Account) -> None:
    reads(app, url(imap_mailbox))
    with app.app_context():
        fetch.schedule()
    worker = Worker(app)
    worker.start()
    wait_until(lambda: hears(app), what="the mailbox to be listened to")
    began = time.monotonic()
    assert worker.stop(within=PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2


@pytest.mark.prove
def test_a_mail_is_a_ticket_within_two_seconds(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """As long as the machine has nothing else to do: from the moment the mail is in the mailbox."""
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as as_it_is:
        as_it_is.setattr(line, "SLICE", 1.0)
        reads(app, url(imap_mailbox))
        took: list[float] = []
        with working(app):
            wait_until(lambda: hears(app), what="the mailbox to be listened to")
            for number in range(1, 21):
                imap_mailbox.deliver(bytes(letter("olga@example.org", f"the {number}. time")))
                began = time.monotonic()
                wait_until(lambda: counts(app) == (number, number), what="the ticket")  # noqa: B023 - asked at once
                took.append(time.monotonic() - began)
    print(f"From mailbox to ticket: {sorted(took)[10]:.2f} s in the middle, {max(took):.2f} s at most.")
    assert max(took) < 2.0


def test_pauses_grow_and_are_never_the_same() -> None:
    longest = [max(line.pause(failures) for _ in range(50)) for failures in range(1, 15)]
    assert all(later >= sooner * 0.9 for sooner, later in pairwise(longest))
    assert longest[-1] <= line.LONGEST
    assert len({line.pause(9) for _ in range(20)}) > 10


def db_connections_in_use(app: Flask) -> int:
    """How many connections to the database somebody holds, at a moment when there is nothing to do."""
    with app.app_context():
        pool = db.engine.pool
    in_use: list[int] = []
    wait_until(lambda: bool(in_use.append(pool.checkedout()) or in_use[-1] == 0), what="nobody to hold a connection")  # type: ignore[attr-defined]
    return in_use[-1]


def test_the_command_listens_until_it_is_ended(app: Flask, settings: Settings, imap_mailbox: Account) -> None:
    reads(app, url(imap_mailbox))
    environment = {
        **os.environ,
        "HELPDESK_DATABASE_URL": settings.database_url,
        "HELPDESK_VAR": settings.var,
        "HELPDESK_WORKFLOWS": settings.workflows,
        "HELPDESK_SECRET_KEY": settings.secret_key,
    }
    command = [sys.executable, "-m", "helpdesk.cli", "mail", "listen"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as listening:
        try:
            wait_until(lambda: hears(app), what="the mailbox to be listened to")
            imap_mailbox.deliver(bytes(letter("olga@example.org")))
            wait_until(lambda: counts(app) == (1, 1), what="the ticket")
        finally:
            listening.send_signal(signal.SIGTERM)
            said, _ = listening.communicate(timeout=PATIENCE)
    assert listening.returncode == 0
    assert f"{SOURCE}: listening" in said
    assert not hears(app)
