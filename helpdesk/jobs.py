"""Work to be done later: leased rows in our own database, written in the transaction that caused them.

A job is at-least-once: whoever handles a kind makes its effect harmless to repeat. A room says `@handles("kind")`; the
worker calls `claim`, runs the handler, then `finish`, `retry` or `bury`; `renew` keeps the lease of long work. Knows
nothing of what the jobs do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, Select, String, Text, delete, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, after_commit, is_sqlite, session, writing

LEASE = timedelta(seconds=60)


class Job(Base):
    """One piece of work. `dedupe` makes a second row for the same thing impossible."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "ix_jobs_ready",
            "run_at",
            "id",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_jobs_running",
            "lease_until",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index("ix_jobs_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="ready")  # ready | running | dead; done rows are removed
    run_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    worker: Mapped[str] = mapped_column(String(80), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Later(Exception):
    """A handler asks to be called again in `seconds`: it waits for something, which counts as no failure. `why` is for
    people.
    """

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(why or f"again in {seconds:g} s")
        self.seconds, self.why = seconds, why


class LeaseLost(Exception):
    """The work took so long, or its worker stood still, that another worker has it now (fault 5)."""


@dataclass
class Work:
    """A leased job as its handler sees it. `attempts` counts this one."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    worker: str
    finished: bool = False

    def finish(self) -> None:
        """End the job in the transaction at hand, with what it did: both or neither. Raises LeaseLost: then write
        nothing.
        """
        if not finish(self.id, self.worker):
            raise LeaseLost(f"{self.kind} {self.id} is another worker's by now.")
        self.finished = True


Handler = Callable[[Work], None]


@dataclass(frozen=True)
class Handled:
    """Who does a kind of job, and in which lane of the worker: lanes do not wait for each other (faults 11 and 20)."""

    handler: Handler
    lane: str


handlers: dict[str, Handled] = {}


def handles(kind: str, *, lane: str = "desk") -> Callable[[Handler], Handler]:
    """Decorator: this function does jobs of `kind`. An error is retried with back-off; it may raise `Later`."""

    def enter(handler: Handler) -> Handler:
        handlers[kind] = Handled(handler, lane)
        return handler

    return enter


_wakers: list[Callable[[], None]] = []


def on_new_work(wake: Callable[[], None]) -> Callable[[], None]:
    """Call `wake` (from any thread) after a commit that left work to do: the embedded worker's bell. Gives a way to end
    that.
    """
    _wakers.append(wake)
    return lambda: _wakers.remove(wake)


def enqueue(kind: str, payload: dict[str, Any], *, run_at: datetime | None = None, dedupe: str | None = None) -> None:
    """Add a job to the transaction at hand. With `dedupe`, a job that is there already is left as it is, also one that
    somebody else is about to commit.
    """
    here = session()
    insert = sqlite.insert if is_sqlite(here) else postgresql.insert
    job = insert(Job).values(kind=kind, payload=payload, run_at=run_at or clock.now(), dedupe=dedupe)
    here.execute(job.on_conflict_do_nothing())
    after_commit(_ring)


def is_due(kinds: Iterable[str]) -> bool:
    """Whether there is anything to claim. Only reads, so that idle workers do not queue for the write lock."""
    return session().scalar(_due(kinds).with_only_columns(Job.id).limit(1)) is not None


def claim(worker: str, kinds: Iterable[str], *, limit: int = 1) -> list[Job]:
    """Lease up to `limit` due jobs of these kinds to `worker`, oldest first, in one short transaction.

    A job whose lease ran out (its worker died or hangs) is leased again. On PostgreSQL several workers skip each
    other's rows.
    """
    now = clock.now()
    with writing() as here:
        due = _due(kinds).order_by(Job.run_at, Job.id).limit(limit)
        jobs = list(here.scalars(due if is_sqlite() else due.with_for_update(skip_locked=True)))
        for job in jobs:
            job.state, job.worker, job.lease_until, job.attempts = "running", worker, now + LEASE, job.attempts + 1
    return jobs


def renew(job_id: int, worker: str) -> bool:
    """Keep the lease. False = it was lost to another worker, and this one must leave the work alone."""
    with writing() as here:
        kept = here.execute(_mine(job_id, worker).values(lease_until=clock.now() + LEASE))
    return bool(kept.rowcount)  # type: ignore[attr-defined]


def finish(job_id: int, worker: str) -> bool:
    """The work is done: the row goes. False = the lease was lost meanwhile."""
    with writing() as here:
        gone = here.execute(delete(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running"))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def retry(job_id: int, worker: str, error: str, *, seconds: float) -> None:
    """Try again in about `seconds` (spread by half either way, so that a crowd does not return at once)."""
    later = clock.now() + timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads a crowd, hides nothing
    with writing() as here:
        here.execute(_mine(job_id, worker).values(state="ready", run_at=later, lease_until=None, error=error[:2000]))


def wait(job_id: int, worker: str, why: str, *, seconds: float) -> None:
    """The handler asked for `Later`: the job waits, and its attempts begin anew."""
    later = clock.now() + timedelta(seconds=seconds)
    with writing() as here:
        here.execute(
            _mine(job_id, worker).values(state="ready", run_at=later, lease_until=None, attempts=0, error=why[:2000])
        )


def bury(job_id: int, worker: str, error: str) -> None:
    """Give up: the job stays as `dead`, to be seen and retried by an administrator."""
    with writing() as here:
        here.execute(_mine(job_id, worker).values(state="dead", lease_until=None, error=error[:2000]))


def revive(job_id: int) -> bool:
    """An administrator tries a dead or waiting job again, now. False = there is none, or it is being done."""
    return _now(Job.id == job_id)


def hasten(dedupe: str) -> bool:
    """The same for the job of this `dedupe`."""
    return _now(Job.dedupe == dedupe)


def _now(which: ColumnElement[bool]) -> bool:
    with writing() as here:
        waiting = update(Job).where(which, Job.state != "running")
        hastened = here.execute(waiting.values(state="ready", run_at=clock.now(), attempts=0))
        after_commit(_ring)
    return bool(hastened.rowcount)  # type: ignore[attr-defined]


def next_due() -> datetime | None:
    """When the next waiting job is due, so that an idle worker knows how long it may sleep."""
    return session().scalar(select(Job.run_at).where(Job.state == "ready").order_by(Job.run_at, Job.id).limit(1))


def _due(kinds: Iterable[str]) -> Select[Job]:
    now = clock.now()
    waiting = (Job.state == "ready") & (Job.run_at <= now)
    abandoned = (Job.state == "running") & (Job.lease_until < now)
    return select(Job).where(Job.kind.in_(list(kinds))).where(or_(waiting, abandoned))


def _mine(job_id: int, worker: str) -> Any:
    return update(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running")


def _ring() -> None:
    for wake in _wakers:
        wake()
