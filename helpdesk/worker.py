"""Whoever does the work that is left for later: mail in and out, mailboxes, timers. Inside the one-process desk, or as
many processes as are needed; they share out the work by leases and never do a thing twice at once (fault 6).

Each lane has threads of its own, so a server that hangs holds up nothing but itself (faults 11 and 20). No error of a
job ends a lane. `run_until_idle` is a turn of the worker for tests and for scripts: all that is due now, in the
caller's thread.
"""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from flask import Flask

from helpdesk import alarms, clock, jobs, timers
from helpdesk.db import writing
from helpdesk.errors import HelpdeskError
from helpdesk.jobs import Later, LeaseLost, Work
from helpdesk.text import plain

HANDLERS = (
    "helpdesk.channels.email.read",
    "helpdesk.channels.email.fetch",
    "helpdesk.channels.email.oauth.lending",
    "helpdesk.delivery.mail",
    "helpdesk.delivery.sms",
    "helpdesk.delivery.webhooks",
    "helpdesk.delivery.queue",
    "helpdesk.actions.waiting",
    "helpdesk.rollout.afterwards",
    "helpdesk.rollout.reckoning",
    "helpdesk.sweeping",
)
TRIES = 10  # of a job that fails for no reason it can name
DEADLY = TRIES + 1  # tries of a job that nobody could count; a mail is judged by its own reader one earlier
POLL = 0.5  # seconds between looks when nobody rings: another process may have left work
AFTER_TROUBLE = 2.0  # seconds a lane rests when the database itself is away
DRAIN = 8.0  # seconds that work in hand gets when the program ends
CHORES = 15.0  # seconds between looks at what recurs

log = logging.getLogger("helpdesk.worker")


def learn() -> None:
    """Import whoever handles a kind of job, so that `jobs.handlers` knows them all, and who lends a token to them."""
    for module in HANDLERS:
        importlib.import_module(module)


class Worker:
    """Does jobs and timers of one desk."""

    def __init__(
        self,
        app: Flask,
        *,
        chores: Iterable[Callable[[], None]] | None = None,
        say: Callable[[str, str], None] | None = None,
    ) -> None:
        """`say` is told which mailbox is listened to, and which no more."""
        learn()
        from helpdesk import planner, sweeping
        from helpdesk.channels import confirming
        from helpdesk.channels.email import fetch
        from helpdesk.channels.email.listen import Listening

        self.app = app
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(3)}"
        every = (fetch.schedule, confirming.drop_old, sweeping.schedule, planner.schedule)
        self.chores = tuple(chores) if chores is not None else every
        self._ending = threading.Event()
        self._bells: list[threading.Event] = []
        self._threads: list[threading.Thread] = []
        self._in_hand: set[int] = set()
        self._hand = threading.Lock()
        self._unsubscribe: Callable[[], None] = lambda: None
        self.listening = Listening(app, self.name, say=say)

    # --- the life of a worker

    def start(self, *, lanes: Iterable[str] = ()) -> None:
        """Begin to work, in threads; returns at once. `lanes`: only these, and no timers."""
        self._unsubscribe = jobs.on_new_work(self._ring)
        for lane in sorted(lanes or {each.lane for each in jobs.handlers.values()}):
            threads = max(each.threads for each in jobs.handlers.values() if each.lane == lane)
            for number in range(threads):
                self._begin(f"worker {lane} {number}", lambda lane=lane: self._lane(lane))  # type: ignore[misc]
        if not lanes:
            self._begin("worker timers", self._clockwork)
        self._begin("worker listening", lambda: self.listening.run(self._ending))
        self._begin("worker leases", self._keep_leases)

    def stop(self, *, within: float = DRAIN) -> bool:
        """Take nothing new, let what is in hand be finished. False when something was not done in time: its lease will
        run out and another worker, or the next start, does it again.
        """
        self._ending.set()
        self._ring()
        self._unsubscribe()
        self._unsubscribe = lambda: None
        deadline = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def run_until_idle(self, *, kinds: Iterable[str] | None = None, limit: int = 10_000) -> int:
        """Do all that is due, one after the other, and give how many things were done. Whatever waits for its time
        stays.

        `kinds`: only jobs of these kinds, and no timers.
        """
        done = 0
        wanted = jobs.handlers if kinds is None else tuple(kinds)
        while done < limit:
            turn = self._one_job(wanted) + (self._due_timers() if kinds is None else 0)
            if not turn:
                return done
            done += turn
        raise RuntimeError("The worker does not come to rest.")

    # --- lanes

    def _lane(self, lane: str) -> None:
        kinds = [kind for kind, each in jobs.handlers.items() if each.lane == lane]
        busy = False

        def turn() -> bool:
            nonlocal busy
            busy = bool(self._one_job(kinds, look_first=not busy))
            return busy

        self._loop(turn)

    def _clockwork(self) -> None:
        """Timers, and what recurs."""
        next_chores = time.monotonic()

        def turn() -> bool:
            nonlocal next_chores
            if time.monotonic() >= next_chores:
                next_chores = time.monotonic() + CHORES
                self._do_chores()
            return bool(self._due_timers())

        self._loop(turn)

    def _loop(self, turn: Callable[[], bool]) -> None:
        bell = threading.Event()
        self._bells.append(bell)
        while not self._ending.is_set():
            bell.clear()
            try:
                if turn():
                    continue
                bell.wait(POLL)
            except Exception:
                log.exception("The worker could not look for work; it tries again.")
                self._ending.wait(AFTER_TROUBLE)

    def _begin(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    # --- one thing

    def _one_job(self, kinds: Iterable[str], *, look_first: bool = True) -> int:
        """`look_first`: the lane was idle, and looking takes no lock; behind one job there often is another."""
        with self.app.app_context():
            if look_first and not jobs.is_due(kinds):
                return 0
            claimed = jobs.claim(self.name, kinds)
        for work in claimed:
            with self.app.app_context(), self._holding(work.id):
                self._do(work)
        return len(claimed)

    def _do(self, work: Work) -> None:
        """One job to its end: done, to be tried again, or given up. What goes wrong is written on its row."""
        if work.attempts > DEADLY:
            self._give_up(work, "The program ended each time it was done.")
            return
        try:
            jobs.handlers[work.kind].handler(work)
            if not work.finished:
                jobs.finish(work.id, work.worker)
        except Later as later:
            jobs.wait(work.id, work.worker, later.why, seconds=later.seconds)
        except LeaseLost as lost:
            log.warning("%s", lost)
        except Exception as error:
            log.exception("A job failed: %s %s", work.kind, work.payload)
            self._failed(work, error)

    def _failed(self, work: Work, error: Exception) -> None:
        said = error.sentence if isinstance(error, HelpdeskError) else f"{type(error).__name__}: {error}"
        said = plain.scrub(said)  # it may quote what no database takes, and then the job would never end
        if work.attempts < TRIES:
            jobs.retry(work.id, work.worker, said, seconds=min(3600, 2**work.attempts))
        else:
            self._give_up(work, said)

    def _give_up(self, work: Work, why: str) -> None:
        with writing():
            jobs.bury(work.id, work.worker, why)
            alarms.sound(f"job:{work.kind}", f"A job was given up after {TRIES} tries ({work.kind}). {why}"[:1000])

    def _due_timers(self) -> int:
        with self.app.app_context():
            due = timers.next_due()
            return timers.run_due() if due is not None and due <= clock.now() else 0

    def _do_chores(self) -> None:
        for chore in self.chores:
            with self.app.app_context():
                chore()

    # --- leases of long work

    @contextmanager
    def _holding(self, job_id: int) -> Iterator[None]:
        with self._hand:
            self._in_hand.add(job_id)
        try:
            yield
        finally:
            with self._hand:
                self._in_hand.discard(job_id)

    def _keep_leases(self) -> None:
        """Renew what is in hand, well before it runs out. Lost ones are found out by whoever ends the job."""
        while not self._ending.wait(jobs.LEASE.total_seconds() / 3):
            self.renew()

    def renew(self) -> None:
        with self._hand:
            held = list(self._in_hand)
        for job_id in held:
            try:
                with self.app.app_context():
                    jobs.renew(job_id, self.name)
            except Exception:
                log.exception("A lease could not be renewed.")
