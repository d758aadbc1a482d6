"""Search by a rare word, a common one and two together, with the asker's rights, beside the bare index asked for
the newest fifty.
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bench.desks import Desk
from bench.figures import Figure
from bench.generate import FIRST
from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets import search

TIMES, RUNS = 30, 3


def measure(desk: Desk, *, times: int = TIMES) -> list[Figure]:
    asked = {"rare word": f"sn{FIRST + desk.tickets // 2}x0", "common word": "printer", "two words": "printer rebata"}
    app, bare = desk.app(), _bare(desk.settings.database)
    figures = []
    with app.app_context():
        person = session().get_one(Person, 1)
        for name, words in asked.items():
            ours, others = [], []
            for _ in range(RUNS):
                others.append(_median(lambda: bare(words), times))  # noqa: B023
                ours.append(_median(lambda: search.find(person, words), times))  # noqa: B023
            figures.append(Figure(f"search: {name}", f"{desk.kind}, {desk.tickets:,} tickets", ours, others))
    return figures


def _median(ask: Callable[[], Any], times: int) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000


def _bare(database: str) -> Callable[[str], Any]:
    address = make_url(database)
    if address.get_backend_name() == "sqlite":
        lite = sqlite3.connect(str(address.database))
        question = (
            "SELECT rowid, ticket_id FROM message_search WHERE message_search MATCH ? ORDER BY rowid DESC LIMIT 50"
        )
        return lambda words: lite.execute(question, (words,)).fetchall()
    post = psycopg.connect(address.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)
    asked = (
        "SELECT message_id, ticket_id FROM message_search WHERE tokens @@ plainto_tsquery('simple', %s) "
        "ORDER BY message_id DESC LIMIT 50"
    )
    return lambda words: post.execute(asked, (words,)).fetchall()
