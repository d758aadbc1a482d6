"""The shell: uvicorn, the doorbell's sockets, and Flask in threads; with the worker and the SMTP door inside it in the
one-process desk.

`serve` is what the command line calls. Roles: `all` is everything in one process; `web` answers browsers, `worker` does
jobs and holds the mail door, and as many of either may run as are needed, on PostgreSQL. SIGTERM ends each within ten
seconds with nothing half done: what is in hand is finished, or its lease runs out and it is done again.
"""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, cast

import socketio
import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask
from sqlalchemy.exc import DBAPIError

from config import Settings
from helpdesk import alarms, clock, create_app, disk, live, migrating
from helpdesk.channels.email.door import Door
from helpdesk.db import db, writing
from helpdesk.errors import HelpdeskError
from helpdesk.web import sign_ins
from helpdesk.worker import Worker
from helpdesk.workflows import revisions

Role = Literal["all", "web", "worker"]
Say = Callable[[str], None]

log = logging.getLogger("helpdesk")
GRACE = 4  # seconds that requests under way get at the end; the worker has DRAIN at the same time


class NotReady(HelpdeskError):
    """The desk cannot start; the sentence says what to do."""

    code = "not_ready"


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    role: Role = "all",
    say: Say = print,
    listening: socket.socket | None = None,
) -> None:
    """Run the desk until SIGTERM or Ctrl-C. `say` is told, line by line, where it is. Raises NotReady.

    `listening`: what `listen` gave, where somebody had to know the port beforehand.
    """
    app = create_app(settings)
    must_be_ready(app)
    more_open_files()
    if role != "worker" and listening is None:
        listening = listen(host, port)
    disk.when_failed(lambda: os.kill(os.getpid(), signal.SIGTERM))
    with ending() as end, working(app, role, say):
        if listening is None:
            ring = live.Ringer(settings.redis_url) if settings.redis_url else None
            say("The worker is running.")
            end.wait()
            del ring
        else:
            _answer_browsers(app, listening, say, end)
    if failed := disk.failure():
        _sound_alarm(app, failed)
        raise failed


def must_be_ready(app: Flask) -> None:
    """Raise NotReady unless the tables are those of this version and a workflow is in force. Making them so is
    `starting`'s work.
    """
    with app.app_context():
        found, needed = migrating.current(db.engine), migrating.head()
        if found is None:
            raise NotReady("The database is empty. Run `helpdesk init` first.")
        if found != needed:
            raise NotReady(f"The database is at {found}, this program needs {needed}. Run `helpdesk migrate` first.")
        revisions.active()


def _sound_alarm(app: Flask, failed: disk.Failed) -> None:
    """So that administrators see it, if the disk lets them; the log and the exit code have said it already."""
    try:
        with disk.last_words(), app.app_context(), writing():
            alarms.sound("disk", f"At {clock.now():%Y-%m-%d %H:%M} UTC: {failed.sentence}")
    except (HelpdeskError, DBAPIError):
        log.exception("The alarm could not be kept.")


def asgi_app(app: Flask, doorbell: live.Doorbell) -> Any:
    """Pages and sockets as one ASGI application."""
    pages = WSGIMiddleware(cast(Any, app), workers=app.config["HELPDESK"].web_threads)
    return socketio.ASGIApp(doorbell.server, other_asgi_app=pages, on_startup=doorbell.start, on_shutdown=doorbell.stop)


@contextmanager
def working(app: Flask, role: Role, say: Say) -> Iterator[Worker | None]:
    """The worker and the SMTP door within the block, where the role has them."""
    if role == "web":
        yield None
        return
    doors = _open_doors(app, role, say)
    worker = Worker(app)
    worker.start()
    try:
        yield worker
    finally:
        closing = [threading.Thread(target=door.close, name="closing a mail door", daemon=True) for door in doors]
        for each in closing:
            each.start()
        worker.stop()
        for each in closing:
            each.join(1)


@contextmanager
def ending() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set, within the block; they end nothing by themselves, so everything is ended in
    order.

    uvicorn takes the signals while it runs and raises them again afterwards; they arrive here.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def more_open_files(wanted: int = 65_536) -> None:
    """Each open page is an open file; take as many as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < limit:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


class Server(uvicorn.Server):
    """uvicorn, which also ends when it was asked to before it began to listen to signals itself."""

    def __init__(self, config: uvicorn.Config, asked: threading.Event) -> None:
        super().__init__(config)
        self.asked = asked

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.should_exit = self.should_exit or self.asked.is_set()


def _answer_browsers(app: Flask, listening: socket.socket, say: Say, asked: threading.Event) -> None:
    settings: Settings = app.config["HELPDESK"]
    doorbell = live.Doorbell(app, sign_ins.of_cookie, redis_url=settings.redis_url)
    config = uvicorn.Config(
        asgi_app(app, doorbell),
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # the app believes as many proxies as it was told of, and no other
        server_header=False,
        ws_per_message_deflate=False,
        ws_max_size=live.LONGEST_FRAME,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
        lifespan="on",
    )
    host, port = listening.getsockname()[:2]
    say(f"The desk is at http://{_shown(host)}:{port}")
    Server(config, asked).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """The socket browsers come to, bound before any work begins, so that an address in use is a sentence. Port 0 is
    any that is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as taken:
        raise NotReady(f"The desk cannot listen at {host}:{port}: {taken.strerror or taken}.") from taken
    # asyncio forgets this on sockets it did not make itself; without it each answer waits 40 ms for the browser's nod
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _open_doors(app: Flask, role: Role, say: Say) -> list[Door]:
    """The mail doors. Of several workers on one machine, the first holds each and the others do without."""
    settings: Settings = app.config["HELPDESK"]
    opened: list[Door] = []
    for scheme, address in (("smtp", settings.mail_door), ("lmtp", settings.lmtp_door)):
        if not address:
            continue
        door = Door(app, address, lmtp=scheme == "lmtp")
        try:
            door.open()
        except OSError as taken:
            if role == "worker" and taken.errno == errno.EADDRINUSE:
                say(f"The mail door at {address} is held by another process; this one does the rest.")
                continue
            for each in opened:
                each.close()
            raise NotReady(f"The mail door cannot listen at {address}: {taken.strerror or taken}.") from taken
        say(f"Mail is taken at {scheme}://{door.address}")
        opened.append(door)
    return opened


def _shown(host: str) -> str:
    host = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - only shown
    return f"[{host}]" if ":" in host else host
