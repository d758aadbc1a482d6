"""A mail server that hangs or hangs up at each verb, an expired certificate, a revoked password (faults 11 and 12)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from helpdesk import alarms, clock
from helpdesk.delivery import smtp
from tests.cast import Case, Character
from tests.plugins.post import Post, letter
from tests.servers.certificate import Certificate, make_expired
from tests.servers.mail_sink import running_mail_sink

OLGA = "olga@example.org"
VERBS = ("hello", "EHLO", "MAIL", "RCPT", "DATA", "dot")


@pytest.fixture
def case(post: Post) -> Case:
    case = post.case(letter(OLGA))
    post.sink.forgets()
    return case


class Bad:
    """A server that is silent from one verb on, or hangs up there; `lines` is how often it was called."""

    def __init__(self, verb: str, *, hangs_up: bool) -> None:
        self.verb, self.hangs_up, self.lines = verb, hangs_up, 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"smtp+insecure://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for each in (self._listening, *self._open):
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listening.accept()
                self.lines += 1
                self._open.append(line)
                threading.Thread(target=self._speak, args=(line,), daemon=True).start()

    def _speak(self, line: socket.socket) -> None:
        with suppress(OSError), line.makefile("rb") as heard:
            if self._says(line, "hello", b"220 here"):
                in_data = False
                for raw in heard:
                    if in_data and raw != b".\r\n":
                        continue
                    verb = "dot" if in_data else raw[:4].decode().upper().strip()
                    in_data = verb == "DATA"
                    if not self._says(line, verb, b"354 go on" if in_data else b"250 well"):
                        break

    def _says(self, line: socket.socket, verb: str, answer: bytes) -> bool:
        if verb != self.verb:
            line.sendall(answer + b"\r\n")
        elif self.hangs_up:
            line.shutdown(socket.SHUT_RDWR)
        return verb != self.verb


@pytest.fixture(params=VERBS)
def verb(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["hangs", "hangs up"])
def bad(request: pytest.FixtureRequest, verb: str) -> Iterator[Bad]:
    server = Bad(verb, hangs_up=request.param)
    yield server
    server.close()


def test_a_server_that_stops_at_any_verb_costs_a_mail_nothing_but_time(
    app: Flask, post: Post, ann: Character, case: Case, bad: Bad, monkeypatch: pytest.MonkeyPatch, still: None
) -> None:
    """Fault 11: the wait ends, the mail stays, and the next server gets it once with the same Message-ID."""
    for limit in ("CONNECT", "VERB", "DATA"):
        monkeypatch.setattr(smtp, limit, 0.3)
    here = app.config["HELPDESK"]
    app.config["HELPDESK"] = replace(here, smtp_url=bad.url)
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    waiting = case.mails[-1]
    assert (waiting.status, waiting.attempts, bad.lines) == ("waiting", 1, 1)
    assert "does not answer" in waiting.error
    app.config["HELPDESK"] = here
    clock.travel(timedelta(minutes=1))
    post.turn()
    (sent,) = post.sink.received
    assert sent.message["Message-ID"].strip() == waiting.message_id


@pytest.mark.parametrize("hangs_up", [False, True], ids=["hangs", "hangs up"])
def test_how_the_line_ends_after_the_mail_was_taken_changes_nothing(
    app: Flask, post: Post, ann: Character, case: Case, hangs_up: bool
) -> None:
    """Fault 11, at QUIT: it was taken, so no copy follows."""
    server = Bad("QUIT", hangs_up=hangs_up)
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=server.url)
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    post.turn()
    server.close()
    assert (case.mails[-1].status, server.lines) == ("sent", 1)


def test_a_revoked_password_is_not_tried_by_every_mail(
    app: Flask, post: Post, ann: Character, case: Case, certificate: Certificate, monkeypatch: pytest.MonkeyPatch,
    still: None,
) -> None:  # fmt: skip
    """Fault 12: one mail asks, the others wait behind it; one alarm; nothing is lost."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    tried: list[str] = []

    def login(self: object, user: str, password: str, **_: object) -> None:
        tried.append(password)
        smtp_login(self, user, password)

    smtp_login = smtp.smtplib.SMTP.login
    monkeypatch.setattr(smtp.smtplib.SMTP, "login", login)  # counts, and does what it did
    with running_mail_sink(tls=certificate.server_context(), password=("desk", "new")) as sink:
        at = f"@localhost:{sink.port}"
        app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=f"smtp://desk:revoked{at}")
        for number in range(20):
            ann.performs("reply", case, text=f"Answer {number}")
        post.turn()
        assert tried == ["revoked"]
        waiting = [mail for mail in case.mails if mail.status == "waiting"]
        assert len(waiting) == 20
        assert all("does not let us in" in mail.error for mail in waiting)
        for _ in range(60):
            clock.travel(timedelta(minutes=1))
            post.turn()
        assert len(tried) <= 12, "each time a minute later, a quarter of an hour at most"
        with app.app_context():
            assert [alarm.subject for alarm in alarms.standing()] == ["delivery:server"]
        app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=f"smtp://desk:new{at}")
        clock.travel(timedelta(minutes=16))
        post.turn()
        assert len(sink.received) == 20
        with app.app_context():
            assert alarms.standing() == []


def test_send_now_asks_the_server_at_once(app: Flask, post: Post, ann: Character, case: Case, still: None) -> None:
    from helpdesk.delivery import attempts

    here = app.config["HELPDESK"]
    bad = Bad("hello", hangs_up=True)
    app.config["HELPDESK"] = replace(here, smtp_url=bad.url)
    ann.performs("reply", case, text="Which floor?")
    ann.performs("reply", case, text="And which door?")
    post.turn()
    assert bad.lines == 1
    with app.app_context():
        attempts.again(case.mails[-1].id)
    post.turn()
    bad.close()
    assert bad.lines == 2


def test_an_expired_certificate_is_not_accepted(
    app: Flask, post: Post, ann: Character, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 12: the mail waits, and says why."""
    expired = make_expired(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(expired.certificate))
    with running_mail_sink(tls=expired.server_context()) as sink:
        app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=f"smtp://localhost:{sink.port}")
        ann.performs("reply", case, text="Which floor?")
        post.turn()
        assert case.mails[-1].status == "waiting"
        assert "expired" in case.mails[-1].error
        assert sink.received == []
