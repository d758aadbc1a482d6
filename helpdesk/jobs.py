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
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Executable,
    Index,
    Integer,
    String,
    Text,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, after_commit, answer, is_sqlite, partial_index, upsert, writing

LEASE = timedelta(seconds=60)


class Job(Base):
    """One piece of work. `dedupe` makes a second row for the same thing impossible."""

    __tablename__ = "jobs"
    __table_args__ = (
        partial_index("ix_jobs_ready", "run_at", "id", where="state = 'ready'"),
        partial_index("ix_jobs_running", "lease_until", where="state = 'running'"),
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
    threads: int = 1  # of its lane in one process


handlers: dict[str, Handled] = {}


def handles(kind: str, *, lane: str = "desk", threads: int = 1) -> Callable[[Handler], Handler]:
    """Decorator: this function does jobs of `kind`. An error is retried with back-off; it may raise `Later`."""

    def enter(handler: Handler) -> Handler:
        handlers[kind] = Handled(handler, lane, threads)
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
    answer(_enqueued(is_sqlite()), kind=kind, payload=payload, run_at=run_at or clock.now(), dedupe=dedupe)
    after_commit(_ring)


def is_due(kinds: Iterable[str]) -> bool:
    """Whether there is anything to claim. Only reads, so that idle workers do not queue for the write lock."""
    return answer(ANY_DUE, kinds=list(kinds), now=clock.now()).first() is not None


def claim(worker: str, kinds: Iterable[str], *, limit: int = 1) -> list[Work]:
    """Lease up to `limit` due jobs of these kinds to `worker`, oldest first, in one short transaction.

    A job whose lease ran out (its worker died or hangs) is leased again. On PostgreSQL several workers skip each
    other's rows.
    """
    now = clock.now()
    with writing():
        leased = answer(
            _leased(is_sqlite()), kinds=list(kinds), now=now, most=limit, new_worker=worker, until=now + LEASE
        ).all()
    oldest_first = sorted(leased, key=lambda job: (job.run_at, job.id))
    return [Work(job.id, job.kind, dict(job.payload), job.attempts, worker) for job in oldest_first]


def renew(job_id: int, worker: str) -> bool:
    """Keep the lease. False = it was lost to another worker, and this one must leave the work alone."""
    with writing() as here:
        kept = here.execute(_mine(job_id, worker).values(lease_until=clock.now() + LEASE))
    return bool(kept.rowcount)  # type: ignore[attr-defined]


def finish(job_id: int, worker: str) -> bool:
    """The work is done: the row goes. False = the lease was lost meanwhile."""
    with writing():
        gone = answer(GONE, job=job_id, who=worker)
    return bool(gone.rowcount)


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
    """Give up: the job stays as `dead`, until somebody has it done after all (`hasten`)."""
    with writing() as here:
        here.execute(_mine(job_id, worker).values(state="dead", lease_until=None, error=error[:2000]))


def held(dedupe: str) -> str | None:
    """The state of the job of this `dedupe`, running or not, which stays until the transaction at hand ends; None where
    there is none.
    """
    with writing() as here:
        state: str | None = here.scalar(select(Job.state).where(Job.dedupe == dedupe).with_for_update())
    return state


def take_over(dedupe: str) -> None:
    """The job of this `dedupe` is to be done now, whoever has it: their lease is lost. For whoever holds it (`held`)
    and knows that nobody is in the middle of it.
    """
    with writing() as here:
        anew = {"state": "ready", "run_at": clock.now(), "attempts": 0, "worker": "", "lease_until": None}
        here.execute(update(Job).where(Job.dedupe == dedupe).values(anew))
        after_commit(_ring)


def hasten(dedupe: str) -> bool:
    """The job of this `dedupe`, waiting or given up, is to be done now. False = there is none, or it is being done."""
    with writing() as here:
        waiting = update(Job).where(Job.dedupe == dedupe, Job.state != "running")
        hastened = here.execute(waiting.values(state="ready", run_at=clock.now(), attempts=0))
        after_commit(_ring)
    return bool(hastened.rowcount)  # type: ignore[attr-defined]


def hasten_all(kind: str) -> None:
    """Every job of this kind that waits is to be done now. Part of the transaction at hand."""
    with writing() as here:
        waiting = update(Job).where(Job.kind == kind, Job.state == "ready", Job.run_at > clock.now())
        here.execute(waiting.values(run_at=clock.now()))
        after_commit(_ring)


def withdraw(dedupe: str) -> bool:
    """The job of this `dedupe`, waiting or given up, is not to be done. False = there is none, or it is being done."""
    with writing() as here:
        gone = here.execute(delete(Job).where(Job.dedupe == dedupe, Job.state != "running"))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


_NOW = bindparam("now", type_=UTCDateTime)
_WAITING = (Job.state == "ready") & (Job.run_at <= _NOW)
_ABANDONED = (Job.state == "running") & (Job.lease_until < _NOW)
DUE = select(Job.id).where(Job.kind.in_(bindparam("kinds", expanding=True)), or_(_WAITING, _ABANDONED))
ANY_DUE = DUE.limit(1)
GONE = delete(Job).where(Job.id == bindparam("job"), Job.worker == bindparam("who"), Job.state == "running")


@cache
def _leased(sqlite_: bool) -> Executable:
    """Look and lease in one statement."""
    oldest = DUE.order_by(Job.run_at, Job.id).limit(bindparam("most", type_=Integer))
    if not sqlite_:  # as a CTE it is asked once, whatever the planner makes of the rest
        oldest = select(oldest.with_for_update(skip_locked=True).cte("due").c.id)
    return (
        update(Job)
        .where(Job.id.in_(oldest))
        .values(
            state="running",
            worker=bindparam("new_worker"),
            lease_until=bindparam("until", type_=UTCDateTime),
            attempts=Job.attempts + 1,
        )
        .returning(Job.id, Job.kind, Job.payload, Job.attempts, Job.run_at)
    )


@cache
def _enqueued(sqlite_: bool) -> Executable:
    return upsert(Job, on_sqlite=sqlite_).on_conflict_do_nothing()


def _mine(job_id: int, worker: str) -> Any:
    return update(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running")


def _ring() -> None:
    for wake in _wakers:
        wake()
