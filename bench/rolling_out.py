"""Changing a running desk: how long a plan, the diagram's live numbers and an apply that renames a state take, each
beside the barest question or change on the bare driver; and how long a page takes while tickets are moved.

All of it on a copy of the desk that is gone afterwards, so that a kept desk stays what it was.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from bench import desks, driver, server, visitor
from bench.desks import Desk
from bench.figures import Figure
from bench.pages import READER
from bench.visitor import Page
from helpdesk import clock
from helpdesk.db import db, session
from helpdesk.rollout import counting, flow
from helpdesk.rollout.apply import apply
from helpdesk.rollout.plan import plan
from helpdesk.workflows import revisions
from helpdesk.workflows.folder import Folder
from helpdesk.workflows.revisions.in_force import LOOK_AGAIN

RUNS = 3
WORKFLOW, STATE, OTHER = "repair", "done", "finished"  # `done` stands for nothing else in the shipped workflows
FINAL = re.compile(r"^( +)final: true$", re.MULTILINE)
COUNT = "SELECT workflow, state, count(*) FROM tickets GROUP BY workflow, state"
NOTE = (
    "INSERT INTO events (ticket_id, at, kind, workflow, actor_kind, from_state, to_state, for_customer, version, data) "
    "SELECT id, '{now}', 'moved', workflow, 'system', state, '{to}', 1 = 0, version + 1, '{{}}' FROM tickets "
    "WHERE workflow = '{workflow}' AND state = '{of}' ORDER BY id"
)
MOVE = (
    "UPDATE tickets SET state = '{to}', version = version + 1, updated_at = '{now}' "
    "WHERE workflow = '{workflow}' AND state = '{of}'"
)


def measure(desk: Desk, folder: Path, *, runs: int = RUNS) -> list[Figure]:
    """Seconds of each, in runs that take turns with the reference; and the longest page, in milliseconds."""
    where = f"{desk.kind}, {desk.tickets:,} tickets"
    with desks.copied(desk, folder / "copy") as copy:
        change = _Change(copy)
        app = copy.app()
        with app.app_context(), closing(driver.connected(copy.settings)) as bare:
            figures = [*_asked(change, bare, where, runs), _applied(change, bare, where, runs)]
        signed_in = visitor.sign_in(app, READER)
        with app.app_context():
            db.engine.dispose()
        return [*figures, _meanwhile(change, signed_in, folder, where, runs)]


class _Change:
    """The shipped workflows with one state's name changed, to and fro."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.path = desk, desk.settings.workflow_path
        self.beside, self.now = Folder(self.path), STATE
        text = self.path.read_text("utf-8")
        self._texts = {
            STATE: _known_before(text, STATE, OTHER),
            OTHER: _known_before(re.sub(rf"\b{STATE}\b", OTHER, text), OTHER, STATE),
        }
        self.other_timers = {self.path.name: FINAL.sub(r"\1final: true\n\1timers: [{after: 52w, do: reopen}]", text)}

    @property
    def texts(self) -> dict[str, str]:
        """Those in which the state has its other name."""
        return {self.path.name: self._texts[self._next]}

    def done(self) -> None:
        """The other name is the one it has now."""
        self.now = self._next

    @property
    def _next(self) -> str:
        return OTHER if self.now == STATE else STATE


def _known_before(text: str, name: str, before: str) -> str:
    return re.sub(rf"^( +){name}:$", rf"\1{name}:\n\1  renamed_from: {before}", text, flags=re.MULTILINE)


def _asked(change: _Change, bare: Any, where: str, runs: int) -> list[Figure]:
    """What only asks, beside one count of all tickets along the index of the queue."""
    desk = revisions.active().desk
    final = [n for (its, state), n in counting.held().items() if desk.workflows[its].states[state].final]
    questions: dict[str, Callable[[], Any]] = {
        "plan: a renamed state": lambda: plan(change.texts, beside=change.beside),
        f"plan: new timers for {sum(final):,} tickets": lambda: plan(change.other_timers, beside=change.beside),
        "the diagram's live numbers": lambda: flow.of(desk),
    }
    figures = []
    for what, ask in questions.items():
        ours, counted = [], []
        for _ in range(runs):
            counted.append(_took(lambda: bare.execute(COUNT).fetchall()))
            session().rollback()
            ours.append(_took(ask))
        figures.append(Figure(what, where, ours, counted, unit="s"))
    session().rollback()
    return figures


def _applied(change: _Change, bare: Any, where: str, runs: int) -> Figure:
    """The name changed to and fro, beside two statements in one transaction that write as many rows."""
    moved = counting.held()[WORKFLOW, STATE]
    session().rollback()
    ours, others = [], []
    for _ in range(runs):
        there, back = (change.now, "elsewhere"), ("elsewhere", change.now)
        others.append((_took(lambda: _moved(bare, *there)) + _took(lambda: _moved(bare, *back))) / 2)  # noqa: B023
        ours.append(_took(lambda: apply(change.texts, author="bench", beside=change.beside)))
        change.done()
    return Figure(f"apply: a state of {moved:,} tickets renamed", where, ours, others, unit="s")


def _moved(bare: Any, of: str, to: str) -> None:
    now = f"{clock.now():%Y-%m-%d %H:%M:%S.%f}"
    bare.execute("BEGIN")
    for statement in (NOTE, MOVE):
        bare.execute(statement.format(workflow=WORKFLOW, of=of, to=to, now=now))
    bare.execute("COMMIT")


def _meanwhile(change: _Change, signed_in: Mapping[str, str], folder: Path, where: str, runs: int) -> Figure:
    """The longest queue page from when `workflow apply` is started until the server has certainly seen the new desk,
    beside the longest in as long a time without.
    """
    settings, file = change.desk.settings, folder / "copy" / "changed.yaml"
    env = {**os.environ, **server.environment(settings), "PYTHONPATH": str(server.ROOT)}
    longest, before = [], []
    with server.served("desk", settings, log=folder / "desk.log") as (port, _):
        queue = Page("queue", port, "/desk/", "S-", signed_in)
        visitor.ask(queue, visitor.WARM_UPS)
        for _ in range(runs):
            file.write_text(change.texts[change.path.name], "utf-8")
            command = [sys.executable, "-m", "helpdesk.cli", "workflow", "apply", str(file)]
            begun = time.perf_counter()
            with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as applying:
                longest.append(visitor.longest(queue, _until_seen(applying)))
            if applying.returncode:
                raise RuntimeError(f"`workflow apply` ended with {applying.returncode}.")
            change.done()
            until = 2 * time.perf_counter() - begun
            before.append(visitor.longest(queue, lambda: time.perf_counter() < until))  # noqa: B023
    return Figure("the longest queue page during an apply", where, longest, before)


def _until_seen(applying: subprocess.Popen[bytes]) -> Callable[[], bool]:
    ends: list[float] = []

    def going_on() -> bool:
        if not ends and applying.poll() is not None:
            ends.append(time.perf_counter() + 2 * LOOK_AGAIN)
        return not ends or time.perf_counter() < ends[0]

    return going_on


def _took(do: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun
