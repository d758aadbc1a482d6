"""A real Postfix hands mail to the desk by SMTP, by LMTP and through a pipe, and takes what the desk sends (W2)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from helpdesk.channels.email.door import Door
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from tests.cast import Character
from tests.plugins.post import SUPPORT, Post, letter
from tests.real.mailboxes import counts
from tests.servers.mail_sink import MailSink
from tests.servers.postfix import Postfix, running_postfix
from tests.servers.process import free_port, wait_until

OLGA = "olga@example.org"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is about Postfix; all wait for it


@dataclass
class Pipe:
    """Runs `helpdesk mail receive` for Postfix. `database`: the address it is given; `codes`: how each ended."""

    port: int
    settings: Settings
    database: str
    codes: list[int] = field(default_factory=list)

    def receive(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as came:
            sender, recipient, size = (came.readline().decode().strip() for _ in range(3))
            environment = {
                **os.environ,
                "HELPDESK_DATABASE_URL": self.database,
                "HELPDESK_VAR": self.settings.var,
                "HELPDESK_WORKFLOWS": self.settings.workflows,
                "HELPDESK_SECRET_KEY": self.settings.secret_key,
                "SENDER": sender,
                "RECIPIENT": recipient,
            }
            command = [sys.executable, "-m", "helpdesk.cli", "mail", "receive"]
            done = subprocess.run(
                command, input=came.read(int(size)), env=environment, capture_output=True, check=False
            )
            self.codes.append(done.returncode)
            line.sendall(f"{done.returncode}\n".encode())


@contextmanager
def running_pipe(settings: Settings) -> Iterator[Pipe]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        pipe = Pipe(listening.getsockname()[1], settings, settings.database_url)

        def take() -> None:
            with suppress(OSError):
                while True:
                    pipe.receive(listening.accept()[0])

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield pipe
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.fixture
def ports() -> dict[str, int]:
    first = free_port(count=2)
    return {"smtp": first, "lmtp": first + 1}


@pytest.fixture
def pipe(settings: Settings) -> Iterator[Pipe]:
    with running_pipe(settings) as running:
        yield running


@pytest.fixture
def postfix(mail_sink: MailSink, ports: dict[str, int], pipe: Pipe) -> Iterator[Postfix]:
    ways = {
        SUPPORT: f"lmtp:inet:127.0.0.1:{ports['lmtp']}",
        "support+smtp@acme.example": f"smtp:[127.0.0.1]:{ports['smtp']}",
        "support+pipe@acme.example": "desk:",
        "nobody@acme.example": f"lmtp:inet:127.0.0.1:{ports['lmtp']}",
    }
    with running_postfix(ways, relay=mail_sink.port, hand_over=pipe.port) as running:
        yield running


@pytest.fixture
def doors(app: Flask, ports: dict[str, int]) -> Iterator[None]:
    opened = [Door(app, f"127.0.0.1:{port}", lmtp=way == "lmtp") for way, port in ports.items()]
    for door in opened:
        door.open()
    yield
    for door in opened:
        door.close()


def kept(app: Flask) -> list[InboundMail]:
    with app.app_context():
        rows = list(session().scalars(select(InboundMail).order_by(InboundMail.id)))
        session().expunge_all()
        return rows


@pytest.mark.parametrize("way", ["lmtp", "smtp", "pipe"])
def test_postfix_hands_mail_to_the_desk(app: Flask, post: Post, doors: None, postfix: Postfix, way: str) -> None:
    to = SUPPORT if way == "lmtp" else f"support+{way}@acme.example"
    postfix.takes(letter(OLGA, to=to), to=to)
    wait_until(lambda: len(kept(app)) == 1, what="the mail to be stored")
    wait_until(lambda: postfix.waiting() == 0, what="Postfix to be done with it")
    post.turn()
    assert counts(app) == (1, 1)
    (row,) = kept(app)
    assert (row.envelope_from, row.source) == (OLGA, "support_mail")
    assert to in row.envelope_to
    assert f"relay={'desk' if way == 'pipe' else '127.0.0.1'}" in postfix.log


def test_an_address_that_is_none_bounces_at_once(
    app: Flask, doors: None, postfix: Postfix, mail_sink: MailSink
) -> None:
    postfix.takes(letter(OLGA, to="nobody@acme.example"), to="nobody@acme.example")
    (bounce,) = mail_sink.wait_for(1)
    assert (bounce.recipients, bounce.sender) == ((OLGA,), "<>")
    assert b"5.1.1" in bounce.raw
    assert kept(app) == []


def test_postfix_keeps_a_mail_while_the_door_is_closed(app: Flask, postfix: Postfix, ports: dict[str, int]) -> None:
    postfix.takes(letter(OLGA), to=SUPPORT)
    wait_until(lambda: "status=deferred" in postfix.log, what="Postfix to find the door closed")
    door = Door(app, f"127.0.0.1:{ports['lmtp']}", lmtp=True)
    door.open()
    try:
        wait_until(lambda: len(kept(app)) == 1, what="the mail to be handed over after all")
    finally:
        door.close()


def test_postfix_keeps_a_mail_while_the_database_is_away(app: Flask, postfix: Postfix, pipe: Pipe) -> None:
    """Exit code 75 of `helpdesk mail receive`: try again."""
    pipe.database = "postgresql://nobody@127.0.0.1:1/nothing"
    postfix.takes(letter(OLGA), to="support+pipe@acme.example")
    wait_until(lambda: 75 in pipe.codes, what="the command to say: try again")
    assert kept(app) == []
    pipe.database = pipe.settings.database_url
    wait_until(lambda: 0 in pipe.codes, what="the mail to be handed over after all")
    assert set(pipe.codes) == {75, 0}
    assert len(kept(app)) == 1


def test_the_desk_sends_through_postfix(
    app: Flask, post: Post, postfix: Postfix, mail_sink: MailSink, ann: Character
) -> None:
    case = post.case(letter(OLGA))
    mail_sink.forgets()
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=postfix.url)
    ann.performs("take", case)
    ann.performs("reply", case, text="Which floor?")
    with app.app_context():
        from helpdesk.worker import Worker

        Worker(app, chores=()).run_until_idle()
    received = mail_sink.wait_for(1)
    (answer,) = [each for each in received if each.recipients == (OLGA,)]
    assert "Which floor?" in answer.raw.decode()
    assert "by mx.acme.example (Postfix)" in answer.raw.decode()
