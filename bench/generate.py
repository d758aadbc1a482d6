"""A desk with many tickets, seeded. Its rows have the shape of door-made ones because they are copies of such.

Each life of `bench.lives` is lived once through the doors and rolled back; its rows are then copied for every ticket
with other people, words and moments, in the order of time. Nine tickets of ten are closed; the open ones are mostly
recent.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from flask import Flask

from bench import bulk, people, specimen
from bench.lives import CLOSED, OPEN, Life
from bench.specimen import Specimen
from bench.stamping import NUMBERED, Copy, Other, Stamp, copy_as
from bench.words import Words
from helpdesk import clock
from helpdesk.db import db, session, writing

SEED = 20_261_122
PER_DAY = 900  # new tickets of a desk with forty people
RECENT, OPEN_AMONG_RECENT, OPEN_AMONG_OLD = 0.9, 0.75, 0.005
FIRST = 1001
WORDS = {"messages", "attachments", "deliveries", "submissions", "inbound_mail", "message_search"}
"""What a slim desk goes without: five sixths of its size, and nothing that lists, timers or a roll-out read."""


@dataclass
class Plan:
    """A ticket whose steps are to come."""

    stamp: Stamp
    copy: Copy
    step: int = 0


def fill(
    app: Flask,
    *,
    tickets: int,
    url: str,
    seed: int = SEED,
    slim: bool = False,
    told: Callable[[int], None] = lambda done: None,
) -> dict[str, int]:
    """Write `tickets` tickets into the empty, migrated desk of `app`, whose database is at `url`; `slim`: without
    their words. Gives the number of rows by table.
    """
    with app.app_context():
        with writing():
            people.hire()
        lives = {life.name: specimen.live(life) for life in (*OPEN, *CLOSED)}
        end = clock.now().replace(microsecond=0)
        session().rollback()
        db.engine.dispose()
    columns = {
        name: tuple(next((each.rows[name][0] for each in lives.values() if each.rows[name]), ()))
        for name in specimen.TABLES
    }
    without = WORDS if slim else set()
    columns = {name: _stored(name, kept) for name, kept in columns.items() if kept and name not in without}
    made: dict[str, int] = dict.fromkeys(columns, 0)
    with bulk.into(url, columns) as sink:
        for table, row in _rows(lives, tickets, seed, end, sink, without, told):
            sink.add(table, row)
            made[table] += 1
    return made


def _stored(table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Column names as the database has them; `group` is a word of SQL."""
    return tuple("group_name" if name == "group" else name for name in columns)


def _rows(
    lives: dict[str, Specimen],
    tickets: int,
    seed: int,
    end: datetime,
    sink: bulk.Sink,
    without: Collection[str],
    told: Callable[[int], None],
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """All rows, in the order of time."""
    chance, words = random.Random(seed), Words(seed)
    stamps = {name: Stamp(each, sink.shown, bools=sink.bools, without=without) for name, each in lives.items()}
    any_one = next(iter(lives.values()))
    last_id = dict.fromkeys(NUMBERED, 0) | {"addresses": len(people.STAFF)}

    def next_id(table: str) -> int:
        last_id[table] += 1
        return last_id[table]

    customers = people.customers(seed)
    first_day = end - timedelta(days=tickets / PER_DAY + 3)
    for each in customers:
        filled = {"requester": each.id, "name": each.name, "email": each.email, ("moment", 0): sink.shown(first_day)}
        yield from stamps[any_one.life.name].customer(any_one, Copy(filled, [first_day]), next_id)

    pick = {
        kind: (lives_of, list(accumulate(life.share for life in lives_of)))
        for kind, lives_of in (("open", OPEN), ("closed", CLOSED))
    }
    coming: list[tuple[datetime, int, Plan]] = []
    for number in range(tickets):
        place = number / tickets
        opened = first_day + (end - first_day) * place
        is_open = chance.random() < (OPEN_AMONG_RECENT if place > RECENT else OPEN_AMONG_OLD)
        lives_of, weights = pick["open" if is_open else "closed"]
        life = chance.choices(lives_of, cum_weights=weights)[0]
        while coming and coming[0][0] <= opened:
            yield from _go_on(coming, next_id)
        moments = _moments(life, opened, end, chance)
        other = Other(
            number=FIRST + number,
            customer=chance.choice(customers),
            subject=words.subject(),
            said=[words.message(f"sn{FIRST + number}x{step}") for step in range(len(moments))],
            moments=moments,
            now=end,
            zone=any_one.zone,
            turn=chance.randrange(100),
        )
        copy = copy_as(other, sink.shown)
        heapq.heappush(coming, (opened, number, Plan(stamps[life.name], copy)))
        if number % 5000 == 0:
            told(number)
    while coming:
        yield from _go_on(coming, next_id)
    told(tickets)


def _go_on(
    coming: list[tuple[datetime, int, Plan]], next_id: Callable[[str], int]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The next step of whichever ticket comes first."""
    _, number, plan = heapq.heappop(coming)
    yield from plan.stamp.rows(plan.copy, plan.step, next_id)
    plan.step += 1
    if plan.step < plan.stamp.steps:
        heapq.heappush(coming, (plan.copy.moments[plan.step], number, plan))


def _moments(life: Life, opened: datetime, end: datetime, chance: random.Random) -> list[datetime]:
    """When each step of a life comes; a life that would reach into the future is hurried."""
    waits = [chance.expovariate(1 / step.hours) + 0.05 for step in life.steps]
    left = (end - opened).total_seconds() / 3600 * 0.98
    hurry = min(1.0, left / sum(waits)) if waits else 1.0
    moments = [opened]
    for wait in waits:
        moments.append(moments[-1] + timedelta(hours=wait * hurry))
    return moments
