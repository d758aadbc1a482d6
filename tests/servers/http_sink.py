"""An HTTP server that keeps what it is told and what it is asked for, and answers as the test says: for calls of
webhooks, and as the foreign host that no page of ours may ask.

http_sink.answers(500, times=2)
http_sink.answers(HANG)      # takes the request and says nothing until it is released
http_sink.answers(DRIP)      # a byte of an answer every tenth of a second, for long
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

HANG, DRIP = "hang", "drip"


@dataclass(frozen=True)
class Told:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpSink:
    """A running server."""

    port: int
    told: list[Told] = field(default_factory=list)
    script: list[str | int] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    location: str = ""
    asked: list[str] = field(default_factory=list)  # paths of pages and pictures
    documents: dict[str, str] = field(default_factory=dict)  # HTML by its path; no policy protects its reader

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/hook"

    def answers(self, how: str | int, *, times: int = 1) -> None:
        self.script += [how] * times

    def take(self, told: Told) -> str | int:
        self.told.append(told)
        return self.script.pop(0) if self.script else 204


@pytest.fixture
def http_sink() -> Iterator[HttpSink]:
    """A plain one on loopback."""
    sink = HttpSink(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            how = sink.take(Told(self.path, headers, self.rfile.read(length)))
            if how == DRIP:
                self._drips()
                return
            if not isinstance(how, int):
                sink.released.wait(60)
                return
            self.send_response(how)
            if sink.location:
                self.send_header("Location", sink.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path in sink.documents:
                self.wfile.write(sink.documents[self.path].encode())
            elif self.path != "/favicon.ico":  # the browser's own wish
                sink.asked.append(self.path)

        def _drips(self) -> None:
            with suppress(OSError):  # the other side has had enough
                for _ in range(600):
                    self.wfile.write(b"H")
                    if sink.released.wait(0.1):
                        return

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield sink
    sink.released.set()
    server.shutdown()
    server.server_close()
    thread.join(5)
