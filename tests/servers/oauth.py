"""A provider at which mailboxes are signed in: the browser's way with PKCE, the code typed in elsewhere, renewing.

The tokens it gives are those that Dovecot's introspection believes, so a mailbox can be opened with them. Each refresh
token is good once, as with the strictest providers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.servers.dovecot import Dovecot

CLIENT, SECRET = "the-desk", "a secret of the desk's"
DRIPPED = 10.0  # seconds that an answer takes which drips


@dataclass
class Provider:
    """A running provider. `user`: whose mailbox is signed in by whoever comes next."""

    port: int
    tokens: dict[str, str]  # what the mail server believes: access token -> address
    user: str = "desk@example.test"
    scheme: str = "http"
    seconds: int = 3600  # that an access token lasts
    approved: bool = False  # the code of the device was entered
    denies: str = ""  # an error of RFC 6749 that every call to the token's address gets
    status: int = 200  # and with which every call is answered, where it is another
    drips: bool = False  # the head of an answer comes at once, the rest of it over `DRIPPED`
    calls: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    hold: threading.Event | None = None  # renewals wait for it
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def keys(self) -> str:
        """The `oauth` of a mailbox in the workflow file."""
        words = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "authorize_url": f"{self.url}/authorize",
            "token_url": f"{self.url}/token",
            "device_url": f"{self.url}/device",
            "scope": "mail",
        }
        return ", oauth: {" + ", ".join(f'{name}: "{value}"' for name, value in words.items()) + "}"

    @property
    def renewals(self) -> int:
        return sum(said.get("grant_type") == "refresh_token" for said in self.asked)

    def revoke(self, *, access: bool = True, refresh: bool = True) -> None:
        """The person takes it back at the provider."""
        if access:
            self.tokens.clear()
        if refresh:
            self.refresh_tokens.clear()

    def authorize(self, said: dict[str, str]) -> str:
        """Where the browser goes after somebody has agreed."""
        assert (said["client_id"], said["response_type"], said["code_challenge_method"]) == (CLIENT, "code", "S256")
        code = secrets.token_urlsafe(8)
        self.codes[code] = said
        return f"{said['redirect_uri']}?{urlencode({'code': code, 'state': said['state']})}"

    def token(self, said: dict[str, str]) -> dict[str, Any]:
        self.asked.append(said)
        if self.denies:
            return {"error": self.denies}
        if (said.get("client_id"), said.get("client_secret")) != (CLIENT, SECRET):
            return {"error": "invalid_client"}
        kind = said.get("grant_type", "")
        if kind == "authorization_code":
            begun = self.codes.pop(said["code"], None)
            digest = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != said["redirect_uri"]:
                return {"error": "invalid_grant"}
            return self._given(self.user)
        if kind == "refresh_token":
            if self.hold:
                self.hold.wait(30)
            user = self.refresh_tokens.pop(said["refresh_token"], "")
            return self._given(user) if user else {"error": "invalid_grant"}
        if kind.endswith("device_code"):
            return self._given(self.user) if self.approved else {"error": "authorization_pending"}
        return {"error": "unsupported_grant_type"}

    def device(self) -> dict[str, Any]:
        return {
            "device_code": secrets.token_urlsafe(8),
            "user_code": "WDJB-MJHT",
            "verification_uri": f"{self.url}/enter",
            "expires_in": 600,
            "interval": 0.05,
        }

    def _given(self, user: str) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.tokens[access] = user
        self.refresh_tokens[refresh] = user
        return {"access_token": access, "refresh_token": refresh, "expires_in": self.seconds, "token_type": "Bearer"}


@contextmanager
def running_provider(tokens: dict[str, str], *, tls: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """A provider within the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            said = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", twin.authorize(said))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            said = {name: values[0] for name, values in parse_qs(body).items()}
            twin.calls += 1
            if twin.status != 200:
                answer: dict[str, Any] = {}
            else:
                answer = twin.device() if self.path == "/device" else twin.token(said)
            sent = json.dumps(answer).encode()
            self.send_response(twin.status if twin.status != 200 else 400 if "error" in answer else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.send_header("Connection", "close")
            self.end_headers()
            with suppress(OSError):  # the other side has had enough
                for piece in (sent[each : each + 1] for each in range(len(sent))) if twin.drips else (sent,):
                    self.wfile.write(piece)
                    time.sleep(DRIPPED / len(sent) if twin.drips else 0)

        def log_message(self, *_: object) -> None:
            """Say nothing on the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        twin = Provider(server.server_port, tokens, scheme="https" if tls else "http")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield twin
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def provider(dovecot: Dovecot) -> Iterator[Provider]:
    """A provider whose tokens the session's Dovecot believes."""
    dovecot.tokens.clear()
    with running_provider(dovecot.tokens) as running:
        yield running
