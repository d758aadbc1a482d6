"""A test's desk behind uvicorn, with its sockets: for pages that hear the doorbell."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from flask import Flask

from helpdesk import live
from helpdesk.asgi import asgi_app
from helpdesk.web import sign_ins
from tests.servers.process import free_port, wait_until


@contextmanager
def with_sockets(app: Flask) -> Iterator[int]:
    """The port it answers on within the block."""
    doorbell = live.Doorbell(app, sign_ins.of_cookie)
    number = free_port()
    config = uvicorn.Config(
        asgi_app(app, doorbell), port=number, log_level="error", lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="uvicorn")
    thread.start()
    wait_until(lambda: server.started, what="uvicorn")
    yield number
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
