"""The worker: leases, back-off, dead letters, lanes, several at once, and its end (faults 5, 6, 11, 19, 20 and 34)."""

from __future__ import annotations

import importlib
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms, clock, jobs
from helpdesk.channels.email import read, store
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session, writing
from helpdesk.jobs import Job, Later, Work
from helpdesk.tickets.models import Timer
from helpdesk.timers import left_alone
from helpdesk.worker import HANDLERS, TRIES, Worker
from tests.cast import Character
from tests.servers.process import PATIENCE, wait_until


@pytest.fixture
def handlers() -> Iterator[dict[str, jobs.Handled]]:
    """The registry of handlers, complete, and put back afterwards."""
    for module in HANDLERS:
        importlib.import_module(module)
    before = dict(jobs.handlers)
    yield jobs.handlers
    jobs.handlers.clear()
    jobs.handlers.update(before)


def leave(app: Flask, kind: str, number: int = 1) -> None:
    with app.app_context(), writing():
        for each in range(number):
            jobs.enqueue(kind, {"number": each}, dedupe=f"{kind}:{each}")


def rows(app: Flask) -> list[Job]:
    with app.app_context():
        found = list(session().scalars(select(Job).order_by(Job.id)))
        session().expunge_all()
        return found


def test_a_job_that_fails_is_tried_again_and_given_up_in_the_end(
    app: Flask, handlers: dict[str, jobs.Handled], still: None
) -> None:
    tries = []

    @jobs.handles("breaks")
    def breaks(work: Work) -> None:
        tries.append(work.attempts)
        raise ZeroDivisionError("a bug")

    leave(app, "breaks")
    worker = Worker(app, chores=())
    for _ in range(TRIES):
        worker.run_until_idle()
        worker.run_until_idle()  # nothing is due yet
        clock.travel(timedelta(hours=2))
    worker.run_until_idle()
    assert tries == list(range(1, TRIES + 1))
    (job,) = rows(app)
    assert (job.state, "a bug" in job.error) == ("dead", True)
    with app.app_context():
        assert [alarm.subject for alarm in alarms.standing()] == ["job:breaks"]
        assert jobs.hasten("breaks:0")
    worker.run_until_idle()
    assert tries[-1] == 1


def test_to_wait_is_no_failure(app: Flask, handlers: dict[str, jobs.Handled], still: None) -> None:
    @jobs.handles("waits")
    def waits(work: Work) -> None:
        assert work.attempts == 1
        raise Later(60, "not yet")

    leave(app, "waits")
    worker = Worker(app, chores=())
    for _ in range(TRIES + 2):
        assert worker.run_until_idle() == 1
        clock.travel(timedelta(seconds=61))
    (job,) = rows(app)
    assert (job.state, job.attempts, job.error) == ("ready", 0, "not yet")


def test_a_job_and_what_it_did_are_committed_together(
    app: Flask, handlers: dict[str, jobs.Handled], still: None
) -> None:
    """Fault 5: a worker that stood still for ten minutes writes nothing any more."""
    done = []

    @jobs.handles("writes")
    def writes(work: Work) -> None:
        with writing():
            done.append(work.worker)
            alarms.sound("written", work.worker)
            work.finish()

    leave(app, "writes")
    with app.app_context():
        (frozen,) = jobs.claim("the frozen one", ["writes"])
    clock.travel(timedelta(minutes=10))
    other = Worker(app, chores=())
    other.run_until_idle()
    with app.app_context():
        Worker(app, chores=())._do(frozen)
        assert [alarm.sentence for alarm in alarms.standing()] == [other.name]
    assert done == [other.name, "the frozen one"]
    assert rows(app) == []


def test_long_work_keeps_its_lease(app: Flask, handlers: dict[str, jobs.Handled], still: None) -> None:
    worker, rival = Worker(app, chores=()), Worker(app, chores=())
    seen = []

    @jobs.handles("long")
    def long(work: Work) -> None:
        for _ in range(5):
            clock.travel(timedelta(seconds=40))
            worker.renew()
            seen.append(rival.run_until_idle(kinds=["long"]))

    leave(app, "long")
    worker.run_until_idle()
    assert seen == [0] * 5
    assert rows(app) == []


def test_four_workers_do_each_job_once(app: Flask, handlers: dict[str, jobs.Handled]) -> None:
    """Fault 6."""
    done: Counter[int] = Counter()

    @jobs.handles("counts")
    def counts(work: Work) -> None:
        done[work.payload["number"]] += 1

    workers = [Worker(app, chores=()) for _ in range(4)]
    for worker in workers:
        worker.start()
    leave(app, "counts", 40)
    wait_until(lambda: not rows(app), what="all jobs to be done")
    assert [worker.stop(within=PATIENCE) for worker in workers] == [True] * 4
    assert done == Counter(range(40))


def test_a_lane_that_hangs_holds_up_no_other(app: Flask, handlers: dict[str, jobs.Handled]) -> None:
    """Faults 11 and 20. And a worker that is told to end waits for what is in hand."""
    held, free, done = threading.Event(), threading.Event(), threading.Event()

    @jobs.handles("hangs", lane="out")
    def hangs(_work: Work) -> None:
        held.set()
        free.wait(4 * PATIENCE)

    @jobs.handles("goes on", lane="in")
    def goes_on(_work: Work) -> None:
        done.set()

    worker = Worker(app, chores=())
    worker.start()
    leave(app, "hangs")
    leave(app, "goes on")
    assert held.wait(PATIENCE)
    assert done.wait(PATIENCE)
    assert not worker.stop(within=0.2)  # it says that something is still in hand
    free.set()
    assert worker.stop(within=PATIENCE)
    assert rows(app) == []


def test_a_timer_that_breaks_keeps_nobody_waiting(
    app: Flask, olga: Character, ann: Character, monkeypatch: pytest.MonkeyPatch, still: None
) -> None:
    first, second = olga.writes("One"), olga.writes("Two")
    honest = left_alone.run_automatic

    def breaks(ticket, action):  # type: ignore[no-untyped-def]
        if ticket.id == first.id:
            raise ZeroDivisionError("a bug")
        return honest(ticket, action)

    monkeypatch.setattr(left_alone, "run_automatic", breaks)
    clock.travel(timedelta(days=2))
    Worker(app, chores=()).run_until_idle(limit=100)
    assert "escalate" in second.story
    assert "escalate" not in first.story
    with app.app_context():
        assert "timer:escalate" in [alarm.subject for alarm in alarms.standing()]
        assert session().scalar(select(Timer.id).where(Timer.ticket_id == first.id))
    monkeypatch.undo()
    clock.travel(timedelta(minutes=6))
    Worker(app, chores=()).run_until_idle()
    assert "escalate" in first.story


def test_a_mail_on_which_the_program_breaks_is_put_aside_with_its_whole_trace_in_the_log(
    app: Flask, monkeypatch: pytest.MonkeyPatch, still: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 19: the row keeps one line for people, the log what whoever mends it needs."""

    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(read, "_file", breaks)
    with app.app_context():
        mail_id = store.keep(b"From: olga@client.example\r\n\r\nHelp", source="support_mail")
    for _ in range(read.TRIES):
        Worker(app, chores=()).run_until_idle(kinds=["read_mail"])
        clock.travel(timedelta(minutes=1))
    with app.app_context():
        row = session().get_one(InboundMail, mail_id)
        assert (row.status, row.error) == ("quarantined", "It could not be read: ZeroDivisionError: a bug")
    (told,) = [record for record in caplog.records if record.name == "helpdesk.mail"]
    assert str(mail_id) in told.getMessage()
    assert told.exc_info is not None
    assert isinstance(told.exc_info[1], ZeroDivisionError)


@pytest.mark.parametrize("quoted", ["a\0b", "a\ud800b"], ids=["a NUL", "half a character"])
def test_what_an_error_quotes_does_not_keep_its_job_from_ending(
    app: Flask, handlers: dict[str, jobs.Handled], still: None, quoted: str
) -> None:
    """No database keeps such a text; a job whose error was one would be done for ever."""

    @jobs.handles("quotes")
    def quotes(work: Work) -> None:
        raise ValueError(quoted)

    leave(app, "quotes")
    worker = Worker(app, chores=())
    for _ in range(TRIES):
        worker.run_until_idle()
        clock.travel(timedelta(hours=2))
    (job,) = rows(app)
    assert (job.state, job.error) == ("dead", "ValueError: ab")


def test_a_job_that_ends_the_program_each_time_is_given_up(
    app: Flask, handlers: dict[str, jobs.Handled], still: None
) -> None:
    """Fault 19, for any kind of work: nobody lives to count its tries but the lease."""
    done = []

    @jobs.handles("kills")
    def kills(work: Work) -> None:
        done.append(work.attempts)

    leave(app, "kills")
    with app.app_context():
        for _ in range(TRIES + 1):
            assert jobs.claim("a process that dies of it", ["kills"])
            clock.travel(jobs.LEASE + timedelta(seconds=1))
    Worker(app, chores=()).run_until_idle()
    (job,) = rows(app)
    assert (done, job.state) == ([], "dead")
    with app.app_context():
        assert [alarm.subject for alarm in alarms.standing()] == ["job:kills"]
