"""Nobody turns the desk's calls against its own network (attack 86)."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from helpdesk.delivery import http
from helpdesk.delivery.http import Away, Forbidden
from helpdesk.workflows.check import run_text
from tests.outside_desk import DESK
from tests.servers.certificate import Certificate
from tests.servers.http_sink import HttpSink

INSIDE = [
    "127.0.0.1",
    "127.1",
    "0",
    "0x7f.1",
    "2130706433",
    "localhost",
    "LOCALHOST.",
    "[::1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00::1]",
    "169.254.169.254",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
]


FINE = b"HTTP/1.1 204 Fine\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def desk(app: Flask) -> Flask:
    return app


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The name server says this, one answer after the other; gives what it was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def told(host: str, port: int, *args: Any, **more: Any) -> Any:
        if host.replace(".", "").isdecimal():
            return real(host, port, *args, **more)
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", told)
    return asked


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # none is asked
@pytest.mark.parametrize("host", INSIDE)
def test_no_spelling_of_an_inner_address_is_called(desk: Flask, http_sink: HttpSink, host: str) -> None:
    """attack 86: when it is sent"""
    with desk.app_context(), pytest.raises((Forbidden, Away)) as refused:
        http.post(f"http://{host}:{http_sink.port}/hook", body=b"{}", headers={})
    assert isinstance(refused.value, Forbidden) or "looked up" in refused.value.sentence
    assert http_sink.told == []


@pytest.mark.parametrize("host", INSIDE)
def test_no_spelling_of_an_inner_address_is_saved(host: str) -> None:
    """attack 86: when the file is saved"""
    findings = run_text(DESK.replace('"${env:STOCK_URL}"', f'"https://{host}/hook"')).findings
    assert [(f.code, f.path) for f in findings if f.severity == "error"] == [("private_address", "webhooks.stock.url")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_name_is_looked_up_once_and_every_address_of_it_is_judged(
    desk: Flask, http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attack 86: rebinding"""
    asked = resolves(monkeypatch, ["93.184.216.34", "127.0.0.1"], ["127.0.0.1"])
    with desk.app_context():
        with pytest.raises(Forbidden, match="not on the open internet"):
            http.post(f"http://rebinding.example:{http_sink.port}/", body=b"{}", headers={})
        assert asked == ["rebinding.example"]
    monkeypatch.undo()
    asked = resolves(monkeypatch, ["192.0.2.1"], ["127.0.0.1"])
    monkeypatch.setattr(http.outside, "is_public", lambda address: str(address) != "127.0.0.1")
    monkeypatch.setattr(http, "CONNECTING", 0.2)
    with desk.app_context(), pytest.raises(Away):
        http.post(f"http://rebinding.example:{http_sink.port}/", body=b"{}", headers={})
    assert asked == ["rebinding.example"], "the connection goes to the address that was judged"
    assert http_sink.told == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_hosts_that_the_machines_owner_names_may_be_inside(desk: Flask, http_sink: HttpSink) -> None:
    desk.config["HELPDESK"] = replace(desk.config["HELPDESK"], private_hosts="crm.lan, 127.0.0.1")
    with desk.app_context():
        assert http.post(http_sink.url, body=b"{}", headers={}) == 204
        with pytest.raises(Forbidden):
            http.post(http_sink.url.replace("127.0.0.1", "127.0.0.2"), body=b"{}", headers={})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_goes_wrong_says_nothing_that_the_other_side_said(desk: Flask) -> None:
    """attack 86: errors do not echo"""
    desk.config["HELPDESK"] = replace(desk.config["HELPDESK"], private_hosts="127.0.0.1")
    with _speaking(b"220 SECRET mail.inside ESMTP\r\n") as port, desk.app_context(), pytest.raises(Away) as away:
        http.post(f"http://127.0.0.1:{port}/", body=b"{}", headers={})
    assert away.value.sentence == "127.0.0.1 cannot be reached."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "bad", ["file:///etc/passwd", "gopher://x.example/", "https://u:p@x.example/", "https://", "x"]
)
def test_what_is_no_address_to_call_is_refused(desk: Flask, bad: str) -> None:
    with desk.app_context(), pytest.raises(Forbidden):
        http.post(bad, body=b"", headers={})
    assert "bad_url" in {f.code for f in run_text(DESK.replace('"${env:STOCK_URL}"', f'"{bad}"')).findings}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_name_must_be_proven_although_the_connection_goes_to_an_address(
    desk: Flask, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attack 86: TLS asks for the name, not for the address that was dialled"""
    trusting = certificate.client_context()
    monkeypatch.setattr(http, "_tls", lambda: trusting)
    desk.config["HELPDESK"] = replace(desk.config["HELPDESK"], private_hosts="localhost,wrong.example")
    resolves(monkeypatch, ["127.0.0.1"])
    with _speaking(FINE, certificate) as port, desk.app_context():
        assert http.post(f"https://localhost:{port}/", body=b"{}", headers={}) == 204
    trusted = pytest.raises(Away, match="cannot be trusted")
    with _speaking(FINE, certificate) as port, desk.app_context(), trusted:
        http.post(f"https://wrong.example:{port}/", body=b"{}", headers={})


class _speaking:  # noqa: N801 - reads as a verb
    """A server on loopback that says these bytes to whoever calls, behind TLS if there is a certificate."""

    def __init__(self, words: bytes, certificate: Certificate | None = None) -> None:
        self.words, self.certificate = words, certificate

    def __enter__(self) -> int:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return int(self.listening.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.listening.close()
        self.thread.join(5)

    def _serve(self) -> None:
        try:
            line, _ = self.listening.accept()
            spoken = self.certificate.server_context().wrap_socket(line, server_side=True) if self.certificate else line
            with spoken:
                heard = b""
                while not heard.endswith(b"{}") and (more := spoken.recv(65536)):
                    heard += more
                spoken.sendall(self.words)
        except (OSError, ssl.SSLError):
            return
