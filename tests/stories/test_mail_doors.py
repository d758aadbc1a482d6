"""The SMTP door with TLS and limits, and the LMTP door (attacks 29 and 93; W2)."""

from __future__ import annotations

import shutil
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import BadSetting
from helpdesk.channels.email import door, listener
from helpdesk.channels.email.door import Door
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from tests.plugins.post import SUPPORT, letter
from tests.servers.certificate import Certificate, make_certificate
from tests.servers.process import PATIENCE, free_port, wait_until

OLGA = "olga@example.org"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is kept is kept by one statement


@contextmanager
def opened(app: Flask, *, lmtp: bool = False) -> Iterator[int]:
    """The door within the block; gives its port."""
    port = free_port()
    door = Door(app, f"127.0.0.1:{port}", lmtp=lmtp)
    door.open()
    try:
        yield port
    finally:
        door.close()


def kept(app: Flask) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).select_from(InboundMail)) or 0


def secured(app: Flask, certificate: Certificate) -> None:
    paths = {"mail_door_cert": str(certificate.certificate), "mail_door_key": str(certificate.key)}
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], **paths)


def test_mail_comes_over_tls(app: Flask, certificate: Certificate) -> None:
    secured(app, certificate)
    with opened(app) as port, smtplib.SMTP("localhost", port, timeout=PATIENCE) as line:
        line.ehlo()
        assert line.has_extn("starttls")
        assert line.has_extn("size")
        line.starttls(context=certificate.client_context())
        line.ehlo()
        assert not line.has_extn("starttls")
        line.send_message(letter(OLGA))
    assert kept(app) == 1


def test_what_was_said_before_tls_counts_for_nothing(app: Flask, certificate: Certificate) -> None:
    """Commands that somebody in between puts behind STARTTLS are forgotten (CVE-2011-0411)."""
    secured(app, certificate)
    with opened(app) as port, socket.create_connection(("localhost", port), timeout=PATIENCE) as raw:
        reader = raw.makefile("rb")
        reader.readline()
        raw.sendall(b"EHLO mallory\r\n")
        while reader.readline()[3:4] == b"-":
            pass
        raw.sendall(f"STARTTLS\r\nMAIL FROM:<{OLGA}>\r\nRCPT TO:<{SUPPORT}>\r\n".encode())
        assert reader.readline().startswith(b"220")
        with certificate.client_context().wrap_socket(raw, server_hostname="localhost") as secure:
            secure.sendall(b"DATA\r\n")
            assert secure.recv(100).startswith(b"503")


def test_a_renewed_certificate_is_used_without_a_restart(app: Flask, tmp_path: Path) -> None:
    old, new = (make_certificate(_made(tmp_path / name)) for name in ("old", "new"))
    secured(app, old)
    with opened(app) as port:
        assert _speaks_tls(port, old)
        assert not _speaks_tls(port, new)
        for fresh, stale in ((new.certificate, old.certificate), (new.key, old.key)):
            shutil.copy(fresh, stale)
        assert _speaks_tls(port, new)


def test_a_certificate_that_cannot_be_used_is_said_at_the_start(app: Flask, certificate: Certificate) -> None:
    for cert, key in (("", str(certificate.key)), ("/nowhere.pem", str(certificate.key))):
        app.config["HELPDESK"] = replace(app.config["HELPDESK"], mail_door_cert=cert, mail_door_key=key)
        with pytest.raises(BadSetting, match=r"certificate|together"):
            Door(app, "127.0.0.1:0")


def test_lmtp_answers_for_each_recipient(app: Flask) -> None:
    """RFC 2033: after the message, one answer for each recipient that was taken, in their order."""
    with opened(app, lmtp=True) as port, smtplib.LMTP("127.0.0.1", port, timeout=PATIENCE) as line:
        line.ehlo()
        line.mail(OLGA)
        codes = [line.rcpt(each)[0] for each in (SUPPORT, "nobody@acme.example", "support+tag@acme.example")]
        assert codes == [250, 550, 250]
        assert line.data(bytes(letter(OLGA)))[0] == 250
        assert line.getreply()[0] == 250
        assert line.noop()[0] == 250
    assert kept(app) == 1


def test_lmtp_refuses_for_each_recipient_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], upload_limit=1000)
    with opened(app, lmtp=True) as port, smtplib.LMTP("127.0.0.1", port, timeout=PATIENCE) as line:
        line.ehlo()
        for raw, code in ((b"x" * 900 + b"\r\n" + b"y" * 900, 552), (bytes(letter(OLGA)), 451)):
            with monkeypatch.context() as broken:
                broken.setattr("helpdesk.channels.email.store.files.store", lambda _: 1 / 0)
                line.mail(OLGA)
                for each in (SUPPORT, "support+tag@acme.example"):
                    line.rcpt(each)
                assert line.data(raw)[0] == code
                assert line.getreply()[0] == code
        assert line.noop()[0] == 250
        assert line.docmd("EHLO somebody")[0] == 500
    assert kept(app) == 0


def test_a_mail_too_large_is_refused_before_it_is_sent(app: Flask) -> None:
    """Attack 93."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], upload_limit=1000)
    with opened(app) as port, smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as line:
        line.ehlo()
        assert line.mail(OLGA, ["SIZE=5000"])[0] == 552


def test_one_peer_has_only_so_many_lines(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "PER_PEER", 3)
    with opened(app) as port, ExitStack() as lines:
        for _ in range(3):
            lines.enter_context(smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE))
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE)
        assert refused.value.smtp_code == 421
        lines.close()
        wait_until(lambda: _is_let_in(port), what="the lines to be free again")


def test_all_peers_together_have_only_so_many_lines(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 93."""
    monkeypatch.setattr(listener, "CONNECTIONS", 3)
    crowd = listener.Crowd()
    assert [crowd.comes(f"192.0.2.{number}") == "" for number in range(4)] == [True, True, True, False]
    crowd.goes("192.0.2.0")
    assert crowd.comes("192.0.2.3") == ""


def test_a_mail_has_only_so_many_recipients(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 93: those that were taken keep their mail, and the rest may come again."""
    monkeypatch.setattr(door, "RECIPIENTS", 3)
    with opened(app) as port, smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as line:
        line.ehlo()
        line.mail(OLGA)
        assert [line.rcpt(f"support+{number}@acme.example")[0] for number in range(4)] == [250, 250, 250, 452]
        assert line.data(bytes(letter(OLGA)))[0] == 250
    assert kept(app) == 1


def test_a_line_has_only_so_many_commands(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 93: whoever keeps us busy with nothing is sent away."""
    monkeypatch.setitem(listener.COMMANDS, "NOOP", 3)
    with opened(app) as port, smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as line:
        line.ehlo()
        assert [line.noop()[0] for _ in range(4)] == [250, 250, 250, 421]


def test_one_peer_comes_only_so_often(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server on this very machine may come as often as it likes."""
    monkeypatch.setattr(listener, "PER_MINUTE", 3)
    crowd = listener.Crowd()
    for peer, comes in (("192.0.2.1", [True, True, True, False]), ("127.0.0.1", [True] * 4), ("2001:db8::1", [True])):
        for let_in in comes:
            assert (crowd.comes(peer) == "") is let_in
            if let_in:
                crowd.goes(peer)


def test_who_is_refused_too_often_is_sent_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tries out which addresses there are."""
    monkeypatch.setattr(listener, "REFUSALS", 5)
    with opened(app) as port, smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as line:
        line.ehlo()
        line.mail("mallory@evil.example")
        tried = [line.rcpt(f"guess{number}@acme.example")[0] for number in range(5)]
        assert tried == [550] * 5
        assert line.getreply()[0] == 421
        assert line.file is not None
        assert line.file.read() == b""  # hung up


@pytest.mark.parametrize("limit", ["SILENCE", "LIFETIME"])
def test_whoever_drips_is_cut_off(app: Flask, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """A line that says a byte now and then, or nothing, holds its place for a while and no longer."""
    monkeypatch.setattr(listener, limit, 1.0)
    with opened(app) as port, socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as raw:
        ended = threading.Event()

        def drips() -> None:
            while not ended.wait(0.1):
                try:
                    raw.sendall(b"N" if limit == "SILENCE" else b"NOOP\r\n")
                except OSError:
                    return

        threading.Thread(target=drips, daemon=True).start()
        said = b""
        try:
            while some := raw.recv(1000):
                said += some
        except ConnectionError:
            pass
        ended.set()
        assert b"421" not in said, "the time ended it, no other limit"
        assert _is_let_in(port)


def _is_let_in(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE):
            return True
    except smtplib.SMTPConnectError:
        return False


def _speaks_tls(port: int, certificate: Certificate) -> bool:
    with smtplib.SMTP("localhost", port, timeout=PATIENCE) as line:
        try:
            line.starttls(context=certificate.client_context())
        except ssl.SSLCertVerificationError:
            return False
        return True


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
