"""The desk of a test behind uvicorn, with its sockets: what a browser talks to in real life."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from flask import Flask

from helpdesk import live
from helpdesk.asgi import asgi_app
from helpdesk.web import sign_ins
from tests.servers.process import PATIENCE, free_port, wait_until


@contextmanager
def served(app: Flask, *, redis_url: str = "") -> Iterator[str]:
    """The address of the desk within the block. `redis_url`: it shares its doorbell with other processes."""
    doorbell = live.Doorbell(app, sign_ins.of_cookie, redis_url=redis_url)
    app.extensions["doorbell"] = doorbell
    port = free_port()
    config = uvicorn.Config(
        asgi_app(app, doorbell), port=port, log_level="error", lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="uvicorn")
    thread.start()
    wait_until(lambda: server.started, what="uvicorn")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


def wait_for_a_listener(app: Flask) -> None:
    """Until an open page of the desk that is `served` listens to the queue: the server has heard that it wants to."""
    doorbell: live.Doorbell = app.extensions["doorbell"]
    wait_until(lambda: any(each.queue for each in list(doorbell.connections.values())), what="a page to listen")
