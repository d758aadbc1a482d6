"""A desk's processes, started as an operator starts them: all in one, or split on PostgreSQL and Redis (fault 34)."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.plugins.post import SUPPORT, letter
from tests.servers.mail_sink import MailSink
from tests.servers.process import PATIENCE, free_port, running, wait_until

DESK = Path(__file__).parents[1] / "desk.yaml"
ROOT = Path(__file__).parents[2]
Program = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The settings of a desk of its own."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")},
        "HELPDESK_VAR": str(tmp_path / "var"),
        "HELPDESK_WORKFLOWS": str(DESK),
        "HELPDESK_ENV": "test",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def starts(tmp_path: Path, env: dict[str, str]) -> Iterator[Program]:
    """Starts `helpdesk …` and waits until it says `until`; ended with the test."""
    with ExitStack() as open_programs:

        def started(*arguments: str, until: str, **more: str) -> subprocess.Popen[bytes]:
            log = tmp_path / f"{'-'.join(arguments[:4]).replace('/', '')}.log"
            command = [sys.executable, "-u", "-m", "helpdesk.cli", *arguments]
            says = lambda: log.exists() and until in log.read_text()  # noqa: E731
            return open_programs.enter_context(running(command, log=log, ready=says, env={**env, **more}))

        yield started


def ends_within_ten_seconds(program: subprocess.Popen[bytes]) -> None:
    program.send_signal(signal.SIGTERM)
    assert program.wait(10) == 0


def healthy(port: int) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def test_one_process_takes_mail_sends_the_receipt_and_ends(starts: Program, mail_sink: MailSink) -> None:
    port, door = free_port(), free_port()
    desk = starts(
        "serve", "--port", str(port), until="The desk is at",
        HELPDESK_MAIL_DOOR=f"127.0.0.1:{door}", HELPDESK_SMTP_URL=mail_sink.url,
    )  # fmt: skip
    wait_until(lambda: healthy(port), what="the desk")
    with smtplib.SMTP("127.0.0.1", door) as program:
        program.send_message(letter("olga@example.org"), "olga@example.org", [SUPPORT])
    (receipt,) = mail_sink.wait_for(1)
    assert receipt.recipients == ("olga@example.org",)
    ends_within_ten_seconds(desk)
    again = starts("serve", "--port", str(port), "--role", "all", until="The desk is at")  # the same data, once more
    ends_within_ten_seconds(again)


def test_any_free_port_stands_in_the_links_too(starts: Program, mail_sink: MailSink, tmp_path: Path) -> None:
    door = free_port()
    starts(
        "serve", "--port", "0", until="The desk is at",
        HELPDESK_MAIL_DOOR=f"127.0.0.1:{door}", HELPDESK_SMTP_URL=mail_sink.url,
    )  # fmt: skip
    said = re.search(r"The desk is at (http://127\.0\.0\.1:(\d+))", (tmp_path / "serve---port-0.log").read_text())
    assert said
    wait_until(lambda: healthy(int(said[2])), what="the desk")
    with smtplib.SMTP("127.0.0.1", door) as program:
        program.send_message(letter("olga@example.org"), "olga@example.org", [SUPPORT])
    (receipt,) = mail_sink.wait_for(1)
    text = receipt.message.get_body(["plain"])
    assert text
    assert f"{said[1]}/my/requests/" in text.get_content()


def test_web_and_workers_share_a_desk(
    starts: Program, mail_sink: MailSink, postgresql_url: str, redis_url: str
) -> None:
    """One web process, two workers of which one has the mail door; nothing is done twice (fault 6)."""
    port, door = free_port(), free_port()
    shared = {
        "HELPDESK_DATABASE_URL": postgresql_url,
        "HELPDESK_REDIS_URL": redis_url,
        "HELPDESK_SMTP_URL": mail_sink.url,
        "HELPDESK_SECRET_KEY": "the same in all of them, long enough to sign with",
    }
    web = starts("serve", "--port", str(port), "--role", "web", until="The desk is at", **shared)
    workers = [
        starts("worker", until="The worker is running", HELPDESK_MAIL_DOOR=f"127.0.0.1:{door}", **shared),
        starts(
            "serve", "--role", "worker", until="is held by another", HELPDESK_MAIL_DOOR=f"127.0.0.1:{door}", **shared
        ),
    ]
    wait_until(lambda: healthy(port), what="the pages")
    for number in range(10):
        with smtplib.SMTP("127.0.0.1", door) as program:
            program.send_message(letter(f"c{number}@example.org", subject=f"mail {number}"), "c@example.org", [SUPPORT])
    mail_sink.wait_for(10)
    plain = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as database:
        wait_until(
            lambda: database.execute("select count(*) from jobs").fetchone() == (0,) or bool(database.rollback()),
            what="the workers to be idle",
        )
        assert database.execute("select count(*), count(distinct subject) from tickets").fetchone() == (10, 10)
    assert len({each.recipients for each in mail_sink.received}) == len(mail_sink.received) == 10
    for program in (web, *workers):
        ends_within_ten_seconds(program)


def test_an_address_in_use_is_a_sentence(starts: Program, env: dict[str, str]) -> None:
    port = free_port()
    starts("serve", "--port", str(port), until="The desk is at")
    command = [sys.executable, "-m", "helpdesk.cli", "serve", "--port", str(port)]
    second = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert second.returncode == 1
    assert f"cannot listen at 127.0.0.1:{port}" in second.stderr
    assert "Traceback" not in second.stderr
