"""How many tickets stand in each list of the sidebar. Counting stops at a hundred, so that it costs the same at ten
thousand tickets and at a million. Asked by the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    GenerativeSelect,
    ScalarSelect,
    Select,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from helpdesk.db import answer
from helpdesk.people.models import Person
from helpdesk.tickets import policy, queue
from helpdesk.tickets.filters import DUE, UNREAD, Filter, Only
from helpdesk.tickets.models import Ticket, Unread
from helpdesk.workflows import revisions

NOT_MERGED = Ticket.merged_into_id.is_(None)  # the one that stays is counted
MOST = 100  # counting stops here; more is said as "99+"

Pair = tuple[str, str]
Kind = tuple[Only, str]  # whose: everybody's, mine, a group's, nobody's


def of(person: Person, lists: Sequence[Filter]) -> dict[str, int]:
    """How many tickets stand in each list, by its key; `MOST` means that many or more. One question for all of them,
    unless there are hundreds of states.

    Lists with finished tickets are not counted: nobody works them off.
    """
    counted = [each for each in lists if each.key not in (DUE, UNREAD) and each.walks and not _has_final(each)]
    promised = next((each.states for each in lists if each.key == DUE), None)
    walks = [walk for each in counted for walk in each.walks]
    states = tuple(dict.fromkeys((walk.workflow, walk.state) for walk in walks))
    whose = tuple(dict.fromkeys((walk.only, walk.group) for walk in walks))
    parts = [states[i : i + queue.TOGETHER] for i in range(0, len(states) or 1, queue.TOGETHER)]
    questions = [_table(part, whose, policy.visible_states(person), promised) for part in parts]
    rows: list[Any] = [row for question in questions for row in answer(question, me=person.id)]
    numbers = {(row[0], row[1], *each): count for row in rows for each, count in zip(whose, row[4:], strict=True)}
    sums = {
        each.key: sum(numbers[walk.workflow, walk.state, walk.only, walk.group] for walk in each.walks)
        for each in counted
    }
    of_all = {UNREAD: rows[0][2]} | ({} if promised is None else {DUE: rows[0][3]})
    return of_all | {key: min(MOST, number) for key, number in sums.items()}


@lru_cache(maxsize=512)
def _table(
    states: tuple[Pair, ...], whose: tuple[Kind, ...], visible: frozenset[Pair], promised: frozenset[Pair] | None
) -> Select[Any]:
    """A row for each state: its names, the unread marks, what is due, and how many tickets of each kind stand in it.

    The states are rows and not a subquery each: PostgreSQL plans a handful of shapes instead of fifty, and keeps them.
    """
    named = (select(literal(w).label("workflow"), literal(s).label("state")) for w, s in states or (("", ""),))
    walk = union_all(*named).cte("states")
    counts = (_walked(walk, *queue.whose(only, group)) for only, group in whose)
    unread = _bounded(queue.marks(visible).order_by(Unread.at.desc(), Unread.ticket_id.desc()))
    return select(walk.c.workflow, walk.c.state, unread, _due(promised), *counts)


def _due(promised: frozenset[Pair] | None) -> ColumnElement[int]:
    """Where nothing is ever promised, nothing is looked at."""
    if promised is None:
        return literal_column("0")
    return _bounded(queue.due(promised).order_by(Ticket.due_at, Ticket.id))


def _walked(walk: CTE, *only: ColumnElement[bool]) -> ScalarSelect[int]:
    """In order too: without, PostgreSQL looks for the hundred by reading the table, and finds them at its far end."""
    along = select(Ticket.id).where(Ticket.workflow == walk.c.workflow, Ticket.state == walk.c.state, NOT_MERGED, *only)
    return _bounded(along.order_by(Ticket.activity_at.desc(), Ticket.id.desc()).correlate(walk))


def _bounded(query: GenerativeSelect) -> ScalarSelect[int]:
    """The number of rows, up to `MOST`: written into the statement, as PostgreSQL plans by it."""
    return select(func.count()).select_from(query.limit(literal_column(str(MOST))).subquery()).scalar_subquery()


def _has_final(chosen: Filter) -> bool:
    desk = revisions.active().desk
    return any(desk.workflows[walk.workflow].states[walk.state].final for walk in chosen.walks)
