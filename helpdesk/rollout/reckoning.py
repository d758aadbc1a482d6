"""What a change of the desk leaves to be reckoned on tickets that were promised something: by the new times and
calendars, and where a state began or ceased to stop the clocks.

The migration leaves it as jobs, in its transaction; the worker does it in portions. Tickets that rest in another one,
or are closed, follow when they come back. It is done by what is in force then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Select, select

from helpdesk import clock, jobs
from helpdesk.actions import promises
from helpdesk.db import session, writing
from helpdesk.rollout import portions
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.ways import Pair
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import levels, revisions

RECKON = "reckon_promises"
TURN = "turn_promises"
PORTION = 200  # tickets that are looked at in one job


def reckon_promises(workflow: str, revision: int) -> None:
    """Leave it to the worker to reckon what this workflow promised on its open tickets."""
    jobs.enqueue(RECKON, {"revision": revision, "workflow": workflow}, dedupe=f"{RECKON}:{revision}:{workflow}")


def turn_promises(states: Collection[Pair], revision: int) -> None:
    """Leave it to the worker to stop the clocks of promises, or to let them go on, in these states: from now on,
    whenever it comes to it.
    """
    about = {"revision": revision, "states": [list(pair) for pair in sorted(states)], "at": clock.now().isoformat()}
    jobs.enqueue(TURN, about, dedupe=f"{TURN}:{revision}")


@jobs.handles(RECKON)
def reckon(work: jobs.Work) -> None:
    """Reckon anew on a portion of the open tickets."""
    if portions.alone(work, _review):
        return
    portions.wait_for_desk(work)
    desk, name = revisions.active().desk, work.payload["workflow"]
    if name not in desk.workflows:
        return
    by = levels.mark(desk, name)
    states = [(name, state.name) for state in desk.workflows[name].states.values() if not state.final]
    rows = session().execute(_promised(states, work).add_columns(Ticket.promised)).all()
    portions.each(work, [row.id for row in rows if row.promised.get("by") != by], _review)
    _go_on(work, [row.id for row in rows])


@jobs.handles(TURN)
def turn(work: jobs.Work) -> None:
    """Stop the clocks or let them go on, on a portion of the tickets; those that do so already are left alone."""
    at = datetime.fromisoformat(work.payload["at"])
    if portions.alone(work, partial(_review, at=at)):
        return
    portions.wait_for_desk(work)
    ids = session().scalars(_promised(portions.places(work), work)).all()
    portions.each(work, ids, partial(_review, at=at))
    _go_on(work, ids)


def _promised(states: Collection[Pair], work: jobs.Work) -> Select[int]:
    """The next portion of the tickets in these states that were promised something."""
    awake = Ticket.merged_into_id.is_(None)
    there = (in_any(states), Ticket.id > work.payload.get("after", 0), Ticket.promised.is_not(None), awake)
    return select(Ticket.id).where(*there).order_by(Ticket.id).limit(PORTION)


def _go_on(work: jobs.Work, looked_at: Sequence[int]) -> None:
    with writing():
        work.finish()
        if len(looked_at) == PORTION:
            jobs.enqueue(work.kind, {**work.payload, "after": looked_at[-1]})


def _review(ticket: Ticket, *, at: datetime | None = None) -> None:
    if ticket.promised is not None:
        promises.review(ticket, at=at)
