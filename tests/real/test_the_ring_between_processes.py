"""What a worker does rings on the pages of a web process, through a real Redis, and a page that joins later is told
what it missed; without Redis they look by themselves (fault 26).
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from config import Settings
from helpdesk import live
from helpdesk.channels.email import store
from helpdesk.tickets import events
from tests.at_the_desk import AtTheDesk
from tests.cast import Character
from tests.plugins.post import SUPPORT, letter
from tests.servers.page import drawn, page_of
from tests.servers.process import running, wait_until
from tests.servers.serving import served

ROOT = Path(__file__).parents[2]


def test_a_mail_that_a_worker_reads_rings_on_an_agents_page(
    app: Flask, settings: Settings, ann: Character, olga: Character, redis_url: str, tmp_path: Path
) -> None:
    case = olga.writes("Printer on fire", rfc_id="<first@example.org>")
    log = tmp_path / "worker.log"
    command = [sys.executable, "-u", "-m", "helpdesk.cli", "worker"]
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")},
        "HELPDESK_DATABASE_URL": settings.database_url,
        "HELPDESK_REDIS_URL": redis_url,
        "HELPDESK_SECRET_KEY": settings.secret_key,
        "HELPDESK_VAR": settings.var,
        "HELPDESK_WORKFLOWS": settings.workflows,
        "HELPDESK_ENV": "test",
        "PYTHONPATH": str(ROOT),
    }
    works = lambda: log.exists() and "The worker is running" in log.read_text()  # noqa: E731
    again = letter("olga@example.org", "Still on fire.", In_Reply_To="<first@example.org>")
    with (
        served(app, redis_url=redis_url) as address,
        running(command, log=log, ready=works, env=env),
        ExitStack() as pages,
    ):
        with Redis.from_url(redis_url) as redis:  # it does before anybody comes
            wait_until(lambda: redis.pubsub_numsub(live.CHANNEL)[0][1] == 1, what="the web process to listen to Redis")
        before = drawn(AtTheDesk(app, ann).opens("/desk/").text, "queue")
        page, late = (pages.enter_context(page_of(app, address, ann)) for _ in range(2))
        hers = pages.enter_context(page_of(app, address, olga, "cabinet"))
        page.joins("queue", f"ticket:{case.id}")
        hers.joins(f"ticket:{case.id}")
        with app.app_context():
            store.keep(again.as_bytes(), source="support_mail", envelope_to=[SUPPORT])
        assert {page.rings(), page.rings()} == {"queue", f"ticket:{case.id}"}
        assert hers.rings() == f"ticket:{case.id}"
        assert late.misses(queue=before) == ["queue"]
        assert late.misses(queue=drawn(AtTheDesk(app, ann).opens("/desk/").text, "queue")) == []
    assert [message.text for message in case.messages][-1] == "Still on fire."


def test_a_redis_that_stands_still_holds_up_no_work(app: Flask, olga: Character) -> None:
    """Fault 26: what was done is done, while the bell still waits to be heard."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ringer = live.Ringer(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        try:
            olga.writes("Printer on fire")
        finally:
            events.changed.disconnect(ringer._rang)
        line, _ = silent.accept()
        with line:
            assert line.recv(10_000), "it rings"
            line.setblocking(False)
            with pytest.raises(BlockingIOError):  # nobody has hung up
                line.recv(1)
