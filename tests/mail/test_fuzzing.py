"""Mail made wrong in every way we could think of: each is read, soundly and soon, and none is lost on its way to a
ticket (attack 90, fault 17).

The number of a failure makes the same mail again: `mutated(number, seeds())`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk import files
from helpdesk.channels.email import store
from helpdesk.channels.email.addresses import Address
from helpdesk.channels.email.models import InboundMail
from helpdesk.channels.email.parse import Mail
from helpdesk.db import session
from helpdesk.jobs import Job
from helpdesk.tickets.models import Event
from tests.mail.mutations import mutated
from tests.mail.oracle import Unsound, faults, reads
from tests.mail.seeds import seeds
from tests.plugins.post import Post

ROOT = Path(__file__).parents[2]
BLOCK = 5_000
GUIDED = 20 * 60  # seconds


def reads_all(numbers: range) -> None:
    begin_with = seeds()
    for number in numbers:
        reads(mutated(number, begin_with))


def test_every_seed_is_sound() -> None:
    for raw in seeds():
        assert reads(raw).auto


def test_a_thousand_damaged_mails_are_read() -> None:
    reads_all(range(1_000))


@pytest.mark.prove
@pytest.mark.parametrize("block", range(20))
def test_a_hundred_thousand_damaged_mails_are_read(block: int) -> None:
    reads_all(range(block * BLOCK, (block + 1) * BLOCK))


@pytest.mark.parametrize("many", [50, pytest.param(3_000, marks=pytest.mark.prove)])
def test_no_damaged_mail_is_lost(app: Flask, post: Post, many: int) -> None:
    """Each is on a ticket, put aside with a sentence, or not ours to answer; the original is kept, nothing waits."""
    begin_with = seeds()
    mails = [mutated(number, begin_with) for number in range(200_000, 200_000 + many)]
    with app.app_context():
        came = [store.keep(raw, source="mail") for raw in mails]
    post.turn()
    with app.app_context():
        for mail_id, raw in zip(came, mails, strict=True):
            row = session().get_one(InboundMail, mail_id)
            assert files.read(row.sha256) == raw
            assert row.status in ("filed", "quarantined", "ignored", "waiting"), row.error
            assert bool(row.ticket_id) == (row.status == "filed"), row.error
            assert not row.error.startswith("It could not be read"), row.error
            if row.ticket_id:
                told = select(func.count()).select_from(Event).where(Event.ticket_id == row.ticket_id)
                assert session().scalar(told)
        left = select(Job.kind, Job.error).where(Job.kind == "read_mail")
        assert session().execute(left).all() == []


@pytest.mark.prove
def test_twenty_minutes_of_a_fuzzer_that_sees_the_code_find_nothing(tmp_path: Path) -> None:
    """atheris changes what leads to lines of the reader that were not reached before."""
    pytest.importorskip("atheris", reason="atheris has no wheel for this machine")
    for number, raw in enumerate(seeds()):
        (tmp_path / str(number)).write_bytes(raw)
    seconds = int(os.environ.get("HELPDESK_FUZZ_SECONDS", GUIDED))
    command = [sys.executable, "-m", "tests.mail.guided", f"-max_total_time={seconds}", "-max_len=20000", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
    assert "Done " in done.stderr, "it says how many mails it made"


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (Mail(subject="a\nb"), "subject has several lines"),
        (Mail(to=(Address("", "a@b.example\n"), Address("", "c@d.example"))), "a person's address has several lines"),
        (Mail(text="a\0"), "text holds what no text may hold"),
        (Mail(html="<p onclick=x>a</p>"), "Its HTML does something"),
        (Mail(problems=("body-unreadable: KeyError",)), "Something failed inside: body-unreadable: KeyError"),
    ],
)
def test_whoever_judges_is_not_blind(mail: Mail, why: str) -> None:
    assert why in faults(mail)


def test_a_reader_that_breaks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.mail.oracle.parse", lambda raw: {}[raw])
    with pytest.raises(Unsound, match="It raised KeyError"):
        reads(b"From: a@b.example\r\n\r\n")
