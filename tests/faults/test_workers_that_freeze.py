"""A whole process is stopped in the middle of its work and goes on after another has done it; four of each are started
by mistake (faults 5 and 6).
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from helpdesk.worker import Worker
from tests.faults.driver import mail
from tests.faults.test_crash_sweep import ROOT, Sweep
from tests.plugins.post import Post
from tests.real.mailboxes import counts, reads, url
from tests.servers.dovecot import Account
from tests.servers.mail_sink import MailSink
from tests.servers.process import PATIENCE, wait_until


@pytest.fixture
def desk(tmp_path: Path, mail_sink: MailSink) -> Sweep:
    """A desk in a folder, with a mail to send."""
    template = tmp_path / "template"
    template.mkdir()
    desk = Sweep("prepare", 1, template, tmp_path, mail_sink)
    for desk.what in ("prepare", "intake", "reply"):
        shutil.rmtree(desk.var, ignore_errors=True)
        shutil.copytree(template, desk.var)
        desk.ledger.write_text("")
        assert desk.run() == 0
        shutil.rmtree(template)
        shutil.copytree(desk.var, template)
    desk.what = "send"
    desk.ledger.write_text("")
    mail_sink.forgets()
    return desk


def test_a_process_that_was_frozen_writes_nothing_over_what_another_did(desk: Sweep) -> None:
    """Fault 5: stopped while the mail server was about to answer, it goes on ten minutes later, and is too late: one
    outcome stands on the timeline, and the second copy has the same Message-ID.
    """
    where = ["--var", str(desk.var), "--smtp", desk.sink.url, "--ledger", str(desk.ledger)]
    command = [sys.executable, "-m", "tests.faults.driver", "send", *where, "--count=1"]
    desk.sink.holds_next()
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as frozen:
        try:
            wait_until(lambda: desk.sink.held, what="the mail to be in hand")
            os.kill(frozen.pid, signal.SIGSTOP)
            desk.sink.lets_go()
            assert desk.run(later=True) == 0
            assert outcomes(desk) == 1
        finally:
            os.kill(frozen.pid, signal.SIGCONT)
        assert frozen.wait(PATIENCE) == 0
    assert outcomes(desk) == 1, "its late word changed nothing"
    assert len({each.message["Message-ID"] for each in desk.sink.received}) == 1
    assert len(desk.sink.received) == 2
    with desk.database() as rows:
        desk.everything_is_there_once(rows)


def outcomes(desk: Sweep) -> int:
    """How often the ticket tells how the reply's mail ended."""
    with closing(sqlite3.connect(desk.var / "helpdesk.sqlite3")) as rows:
        told = "select count(*) from events where kind = 'delivery' and json_extract(data, '$.delivery') = "
        return int(rows.execute(f"{told}(select max(id) from deliveries)").fetchone()[0])


def test_four_of_each_double_nothing(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """Fault 6: four whole workers, each with its fetchers, its timers and its chores, on one mailbox and one outbox."""
    reads(app, url(imap_mailbox))
    for number in range(12):
        imap_mailbox.deliver(mail(number))
    workers = [Worker(app) for _ in range(4)]
    for worker in workers:
        worker.start()
    try:
        wait_until(lambda: counts(app) == (12, 12) and len(post.sink.received) >= 12, what="twelve receipts")
        for number in range(12, 24):
            imap_mailbox.deliver(mail(number))
        wait_until(lambda: counts(app) == (24, 24) and len(post.sink.received) >= 24, what="twelve more")
    finally:
        assert [worker.stop(within=PATIENCE) for worker in workers] == [True] * 4
    post.turn()
    assert counts(app) == (24, 24)
    receipts = Counter(each.recipients for each in post.sink.received)
    assert receipts == Counter((f"customer{number}@example.org",) for number in range(24))
    with imap_mailbox.client() as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("UNSEEN") == []
