"""How many tickets stand in each list of the sidebar. Counting stops at a hundred, so that it costs the same at ten
thousand tickets and at a million. Asked by the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import (
    CTE,
    ColumnElement,
    GenerativeSelect,
    Integer,
    ScalarSelect,
    Select,
    String,
    case,
    column,
    func,
    literal_column,
    select,
    values,
)

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets import policy, queue
from helpdesk.tickets.filters import UNREAD, Filter, Walk
from helpdesk.tickets.models import Ticket, Unread
from helpdesk.tickets.rows import ME
from helpdesk.workflows import revisions

MOST = 100  # counting stops here; more is said as "99+"


def of(person: Person, lists: Sequence[Filter]) -> dict[str, int]:
    """How many tickets stand in each list, by its key; `MOST` means that many or more. One question for all of them.

    Lists with finished tickets are not counted: nobody works them off.
    """
    counted = [each for each in lists if each.walks and each.key != UNREAD and not _has_final(each)]
    walks = tuple(dict.fromkeys(walk for each in counted for walk in each.walks))
    question = _counting(walks, policy.visible_states(person))
    numbers: dict[int, int] = dict(session().execute(question, {"me": person.id}).all())
    number = {walk: numbers[place] for place, walk in enumerate(walks)}
    sums = {each.key: min(MOST, sum(number[walk] for walk in each.walks)) for each in counted}
    return {**sums, UNREAD: numbers[len(walks)]}


@lru_cache(maxsize=512)
def _counting(walks: tuple[Walk, ...], visible: frozenset[tuple[str, str]]) -> Select[int, int]:
    """The bounded count of each walk by its place, and after them the unread marks.

    The walks are rows and not a subquery each: PostgreSQL plans four shapes instead of fifty, and keeps the plan.
    """
    rows = [(place, each.only, each.workflow, each.state, each.group) for place, each in enumerate(walks)]
    names = (column(name, String) for name in ("only", "workflow", "state", "group_name"))
    listed = values(column("place", Integer), *names, name="walks", literal_binds=True)
    walk = listed.data([*rows, (len(walks), UNREAD, "", "", "")]).cte("walks")
    counted = {
        "": _walked(walk),
        "mine": _walked(walk, Ticket.assignee_id == ME),
        "group": _walked(walk, Ticket.group == walk.c.group_name),
        "unassigned": _walked(walk, Ticket.assignee_id.is_(None), Ticket.group.is_(None)),
        UNREAD: _bounded(queue.marks(visible).order_by(Unread.at.desc(), Unread.ticket_id.desc())),
    }
    return select(walk.c.place, case(counted, value=walk.c.only))


def _walked(walk: CTE, *only: ColumnElement[bool]) -> ScalarSelect[int]:
    """In order too: without, PostgreSQL looks for the hundred by reading the table, and finds them at its far end."""
    along = select(Ticket.id).where(Ticket.workflow == walk.c.workflow, Ticket.state == walk.c.state, *only)
    return _bounded(along.order_by(Ticket.activity_at.desc(), Ticket.id.desc()).correlate(walk))


def _bounded(query: GenerativeSelect) -> ScalarSelect[int]:
    """The number of rows, up to `MOST`: written into the statement, as PostgreSQL plans by it."""
    return select(func.count()).select_from(query.limit(literal_column(str(MOST))).subquery()).scalar_subquery()


def _has_final(chosen: Filter) -> bool:
    desk = revisions.active().desk
    return any(desk.workflows[walk.workflow].states[walk.state].final for walk in chosen.walks)
