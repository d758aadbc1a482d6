"""Where the time of the queue page, of a ticket page and of a mail from somebody unknown goes, in one process without
a server: the parts are told apart by `watch`, which counts no moment twice.

What SQLite reads while rows are fetched counts for the part that fetches them: the events of the cursor end when it has
the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import ClassVar, TypeVar

import jinja2
from flask import Flask
from sqlalchemy import Engine

from bench import visitor
from bench.desks import Desk
from bench.pages import MESSAGES, READER, eight_messages
from bench.taking_in import new_mail, taken_in
from bench.watch import AROUND, COMMITS, DATABASE, REST, Place, Watch, watching
from bench.words import Words
from helpdesk import files
from helpdesk.channels.email import reader
from helpdesk.db import db
from helpdesk.web import sign_ins

RUNS, WARM_UPS, PAGES, MAILS = 3, 30, 200, 100  # mails: fewer than the automatic ones that may leave in an hour
RENDERING, SIGN_IN, FILES, CHILD = "rendering", "signing in", "files", "waiting for the child"
OF_A_PAGE: tuple[Place, ...] = ((jinja2.Template, "render", RENDERING), (sign_ins, "current", SIGN_IN))
OF_A_MAIL: tuple[Place, ...] = ((files, "store", FILES), (files, "read", FILES), (reader, "read", CHILD))
PARTS = (DATABASE, COMMITS, AROUND, RENDERING, SIGN_IN, FILES, CHILD, REST)
T = TypeVar("T")


@dataclass(frozen=True)
class Share:
    """One line: what one of these takes in milliseconds and how many questions it asks; `parts` in per cent. `took` and
    `parts` are of each run.
    """

    headings: ClassVar[tuple[str, ...]] = ("of one", "where", "takes", "questions", *PARTS)

    what: str
    where: str
    took: list[float]
    questions: float
    parts: dict[str, list[float]]

    def cells(self) -> list[str]:
        shares = [f"{median(self.parts[each]):.0f} %" if each in self.parts else "" for each in PARTS]
        return [self.what, self.where, f"{median(self.took):.3g} ms", f"{self.questions:.3g}", *shares]


def measure(desk: Desk, *, pages: int = PAGES, mails: int = MAILS, warm_ups: int = WARM_UPS) -> list[Share]:
    """The two pages and the mail, in three runs each."""
    app, words = desk.app(), Words(13).anew()
    with app.app_context():
        ref, engine = eight_messages(), db.engine
    signed_in = visitor.sign_in(app, READER)
    where = f"{desk.kind}, {desk.tickets:,} tickets"
    found = []
    for what, path in (("queue page", "/desk/"), (f"ticket page, {MESSAGES} messages", f"/desk/tickets/{ref}")):
        show = partial(_shown, app, path, signed_in)
        show(warm_ups)
        found.append(_shares(what, where, pages, [_watched(engine, OF_A_PAGE, show, pages) for _ in range(RUNS)]))
    with app.app_context():
        taken_in([new_mail(words) for _ in range(warm_ups)])
        each = [_watched(engine, OF_A_MAIL, taken_in, [new_mail(words) for _ in range(mails)]) for _ in range(RUNS)]
        found.append(_shares("mail from somebody unknown", where, mails, each))
    engine.dispose()
    return found


def _shown(app: Flask, path: str, headers: Mapping[str, str], times: int) -> None:
    browser = app.test_client(use_cookies=False)
    for _ in range(times):
        answer = browser.get(path, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} gave {answer.status}.")


def _watched(engine: Engine, places: Iterable[Place], do: Callable[[T], object], what: T) -> Watch:
    with watching(engine, places) as watch, watch.running():
        do(what)
    return watch


def _shares(what: str, where: str, times: int, runs: Sequence[Watch]) -> Share:
    whole = [sum(run.seconds.values()) for run in runs]
    known = {part for run in runs for part in run.seconds}
    parts = {part: [100 * run.seconds[part] / all_ for run, all_ in zip(runs, whole, strict=True)] for part in known}
    took = [1000 * seconds / times for seconds in whole]
    return Share(what, where, took, median(run.questions for run in runs) / times, parts)
