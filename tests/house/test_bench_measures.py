"""What the bench measures beside the pages, at a tiny size: that it measures, and leaves the desk as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from bench import __main__ as command
from bench import desks, generate, profiling, report, rolling_out, two_readers
from bench.figures import Figure
from config import Settings
from helpdesk.db import db, session
from helpdesk.tickets.models import Event, Message, Ticket
from helpdesk.workflows import revisions

TICKETS = 300


@pytest.fixture
def bench_settings(settings: Settings) -> Settings:
    return replace(settings, env="production", demo=True, workflows="")


@pytest.fixture
def empty(bench_settings: Settings) -> Iterator[Flask]:
    app = desks.prepared(bench_settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_changes_of_a_running_desk_are_measured_on_a_copy(
    empty: Flask, bench_settings: Settings, tmp_path: Path
) -> None:
    generate.fill(empty, tickets=TICKETS, url=bench_settings.database, seed=5, slim=True)
    before = as_it_stands(empty)

    figures = rolling_out.measure(desks.Desk(bench_settings, TICKETS), tmp_path, runs=1)

    assert [each.what.partition(":")[0] for each in figures] == [
        "plan", "plan", "the diagram's live numbers", "apply", "the longest queue page during an apply",
    ]  # fmt: skip
    assert all(each.ours[0] > 0 and each.reference[0] > 0 for each in figures)
    assert as_it_stands(empty) == before
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_read_mail_side_by_side_on_a_copy(empty: Flask, bench_settings: Settings, tmp_path: Path) -> None:
    generate.fill(empty, tickets=TICKETS, url=bench_settings.database, seed=5)
    before = as_it_stands(empty)
    (figure,) = two_readers.measure(desks.Desk(bench_settings, TICKETS), tmp_path, mails=6, runs=1)
    assert figure.ours[0] > 0 < figure.reference[0]
    assert as_it_stands(empty) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_process_is_measured_where_it_can_write(bench_settings: Settings, tmp_path: Path) -> None:
    assert two_readers.measure(desks.Desk(bench_settings, TICKETS), tmp_path) == []


def test_the_parts_of_a_page_and_of_a_mail_are_told_apart(empty: Flask, bench_settings: Settings) -> None:
    generate.fill(empty, tickets=TICKETS, url=bench_settings.database, seed=5)

    queue, ticket, mail = profiling.measure(desks.Desk(bench_settings, TICKETS), pages=2, mails=2, warm_ups=2)

    assert (queue.questions, ticket.questions) == (3, 6), "as tests/house/test_what_pages_ask.py counts them"
    assert 20 < mail.questions < 40
    for share in (queue, ticket, mail):
        for run in range(profiling.RUNS):
            assert sum(part[run] for part in share.parts.values()) == pytest.approx(100), "no moment counts twice"
    assert min(queue.parts["rendering"]) > 0
    assert min(mail.parts["files"]) > 0
    assert "rendering" not in mail.parts


def test_a_slim_desk_has_its_tickets_and_no_words(empty: Flask, bench_settings: Settings) -> None:
    made = generate.fill(empty, tickets=TICKETS, url=bench_settings.database, seed=5, slim=True)
    assert made["tickets"] == TICKETS
    assert not generate.WORDS & made.keys()
    with empty.app_context():
        assert session().scalar(select(func.count()).select_from(Message)) == 0
        assert session().scalar(select(func.count()).select_from(Event)) == made["events"]


def test_each_table_of_figures_has_its_place_in_the_documentation(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(report.PAGE.read_text("utf-8"), "utf-8")
    for name in {"figures", *command.TABLES.values()}:
        report.write(name, [Figure(f"what {name} is", "here", [1.0])], command=f"measure {name}", load=0, page=page)
    written = page.read_text("utf-8")
    for name in {"figures", *command.TABLES.values()}:
        assert f"`measure {name}` on " in written
        assert f"| what {name} is | here " in written


def as_it_stands(app: Flask) -> tuple[int, int, dict[tuple[str, str], int]]:
    """The desk in force, the newest event, and where tickets are."""
    with app.app_context():
        db.engine.dispose()  # copying a desk ends whatever is connected to it
        counted = select(Ticket.workflow, Ticket.state, func.count()).group_by(Ticket.workflow, Ticket.state)
        held = {(workflow, state): count for workflow, state, count in session().execute(counted)}
        return revisions.active().id, session().scalar(select(func.max(Event.id))) or 0, held
