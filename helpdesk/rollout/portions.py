"""Work that a change of the desk leaves on many tickets, done in portions by the worker: each ticket is held for a
moment, in a transaction of its own, so that nobody waits for the desk.

For `afterwards` and `reckoning`. What was done shows on the ticket, so a portion that died half-way is done again
without harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from helpdesk import clock, jobs
from helpdesk.actions.holding import lock
from helpdesk.db import writing
from helpdesk.rollout.ways import Pair
from helpdesk.tickets import state_moves
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.revisions.in_force import LOOK_AGAIN

MINUTE = timedelta(minutes=1)
log = logging.getLogger("helpdesk.rollout")

Do = Callable[[Ticket], object]


def alone(work: jobs.Work, do: Do) -> bool:
    """Whether the job is about the one ticket that broke in its portion; then it is done."""
    if "only" not in work.payload:
        return False
    hold(work.payload["only"], do)
    return True


def each(work: jobs.Work, ids: Sequence[int], do: Do) -> None:
    """Each by itself. One that breaks keeps none of the others waiting: it is tried again as a job of its own, which
    ends as any other does: after so many tries it is given up, and administrators hear of it.
    """
    about = {key: value for key, value in work.payload.items() if key not in ("after", "asked")}
    for ticket_id in ids:
        try:
            hold(ticket_id, do)
        except Exception:
            log.exception("%s could not be done for ticket %s.", work.kind, ticket_id)
            name = f"{work.kind}:{about['revision']}:only:{ticket_id}"
            with writing():
                jobs.enqueue(work.kind, {**about, "only": ticket_id}, run_at=clock.now() + MINUTE, dedupe=name)


def hold(ticket_id: int, do: Do) -> None:
    with writing():
        do(lock(ticket_id))


def wait_for_desk(work: jobs.Work) -> None:
    """Another process may learn of the desk that left this work a moment later than of the work."""
    if revisions.active().id < work.payload["revision"]:
        raise jobs.Later(LOOK_AGAIN, "The desk that asks for this is not known here yet.")


def places(work: jobs.Work) -> set[Pair]:
    """The states that the job names, as they are called now: the desk may have changed again meanwhile."""
    named: Iterable[Pair] = ((workflow, state) for workflow, state in work.payload["states"])
    went = (state_moves.followed(*pair, since=work.payload["revision"]) for pair in named)
    return {(place.workflow, place.state) for place in went}
