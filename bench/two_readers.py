"""Mail intake with two processes beside one, on PostgreSQL: what a second worker brings. SQLite has one writer, so
nothing is measured there.

All of it on a copy of the desk that is gone afterwards.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

from bench import desks
from bench.desks import Desk
from bench.figures import Figure
from bench.taking_in import keep_all, new_mail, read_all
from bench.words import Words
from config import Settings
from helpdesk import create_app
from helpdesk.db import db, writing

MAILS, RUNS = 300, 3
AT_LEAST = 1.3


def measure(desk: Desk, folder: Path, *, mails: int = MAILS, runs: int = RUNS) -> list[Figure]:
    """Mails a second of a backlog that is kept already, read by two processes and by one, in runs that take turns."""
    if desk.kind != "PostgreSQL":
        return []
    by_two, by_one = [], []
    with desks.copied(desk, folder / "copy") as copy:
        words = Words(11).anew()
        for _ in range(runs):
            for readers, rates in ((2, by_two), (1, by_one)):
                rates.append(mails / _read_by(readers, copy, [new_mail(words) for _ in range(mails)]))
    where = f"{desk.kind}, {desk.tickets:,} tickets"
    what = "mail intake by two workers, beside one"
    return [Figure(what, where, by_two, by_one, unit="mails/s", goal=AT_LEAST, more_is_better=True)]


def _read_by(readers: int, desk: Desk, mails: list[bytes]) -> float:
    """How many seconds so many processes take to read these mails, from when all of them are ready."""
    app = desk.app()
    with app.app_context():
        with writing():
            desks.as_if_sent_yesterday()
        keep_all(mails)
        db.engine.dispose()
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(readers + 1)
    processes = [context.Process(target=_reads, args=(desk.settings, together)) for _ in range(readers)]
    for process in processes:
        process.start()
    together.wait(120)
    begun = time.perf_counter()
    together.wait(600)
    took = time.perf_counter() - begun
    for process in processes:
        process.join()
    return took


def _reads(settings: Settings, together: Barrier) -> None:
    """In a process of its own: everything is loaded and one mail read before the time begins."""
    with create_app(settings).app_context():
        read_all(most=1)
        together.wait()
        read_all()
        together.wait()
