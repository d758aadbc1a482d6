"""What a change of the desk leaves to be done ticket by ticket: asking for consent where tickets came to, and reckoning
what is promised by the new times and calendars.

The migration leaves it as a job, in its transaction; the worker does it in portions, each ticket held for a moment in a
transaction of its own, so that nobody waits for the desk. What was done shows on the ticket, so a portion that died
half-way is done again without harm. The desk may have changed again meanwhile: it is done by what is in force then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from helpdesk import alarms, clock, jobs
from helpdesk.actions import asking, promises
from helpdesk.actions.holding import lock
from helpdesk.db import session, writing
from helpdesk.rollout.counting import in_any
from helpdesk.tickets import approvals
from helpdesk.tickets.models import Ticket
from helpdesk.timers import backlog
from helpdesk.workflows import levels, revisions
from helpdesk.workflows.revisions.in_force import LOOK_AGAIN

ASK = "ask_consent"
RECKON = "reckon_promises"
ALARM = "consent:many"
PORTION = 200  # tickets whose promises are reckoned in one job
MINUTE = timedelta(minutes=1)

log = logging.getLogger("helpdesk.rollout")


def ask_for_consent(revision: int) -> None:
    """Leave it to the worker to ask for consent where this revision brought tickets."""
    jobs.enqueue(ASK, {"revision": revision}, dedupe=f"{ASK}:{revision}")


def reckon_promises(workflow: str, revision: int) -> None:
    """Leave it to the worker to reckon what this workflow promised on its open tickets."""
    jobs.enqueue(RECKON, {"revision": revision, "workflow": workflow}, dedupe=f"{RECKON}:{revision}:{workflow}")


@jobs.handles(ASK)
def ask(work: jobs.Work) -> None:
    """Ask on a portion of the tickets. Approvers are not sent thousands of mails at once: after the first tickets it
    goes on as what is overdue does (fault 29), and administrators hear of it.
    """
    if "only" in work.payload:
        _hold(work.payload["only"], asking.ask_here)
        return
    _wait_for_desk(work)
    asked = work.payload.get("asked", 0)
    if not asked:
        _announce()
    most = backlog.PER_MINUTE if asked else backlog.AT_ONCE
    waiting = _unasked().where(Ticket.id > work.payload.get("after", 0)).order_by(Ticket.id).limit(most)
    ids = session().scalars(waiting).all()
    _each(work, ids, asking.ask_here)
    with writing():
        work.finish()
        if len(ids) == most:
            more = {**work.payload, "after": ids[-1], "asked": asked + len(ids)}
            jobs.enqueue(ASK, more, run_at=clock.now() + MINUTE)
        else:
            alarms.clear(ALARM)


@jobs.handles(RECKON)
def reckon(work: jobs.Work) -> None:
    """Reckon anew on a portion of the open tickets. Those that rest in another ticket or are closed follow when they
    come back.
    """
    if "only" in work.payload:
        _hold(work.payload["only"], _reckon)
        return
    _wait_for_desk(work)
    desk, name = revisions.active().desk, work.payload["workflow"]
    if name not in desk.workflows:
        return
    by = levels.mark(desk, name)
    states = [(name, state.name) for state in desk.workflows[name].states.values() if not state.final]
    promised = select(Ticket.id, Ticket.promised).where(
        in_any(states),
        Ticket.id > work.payload.get("after", 0),
        Ticket.promised.is_not(None),
        Ticket.merged_into_id.is_(None),
    )
    rows = session().execute(promised.order_by(Ticket.id).limit(PORTION)).all()
    _each(work, [row.id for row in rows if row.promised.get("by") != by], _reckon)
    with writing():
        work.finish()
        if len(rows) == PORTION:
            jobs.enqueue(RECKON, {**work.payload, "after": rows[-1].id})


def _reckon(ticket: Ticket) -> None:
    if ticket.promised is not None:
        promises.review(ticket)


def _wait_for_desk(work: jobs.Work) -> None:
    """Another process may learn of the desk that left this work a moment later than of the work."""
    if revisions.active().id < work.payload["revision"]:
        raise jobs.Later(LOOK_AGAIN, "The desk that asks for this is not known here yet.")


def _unasked() -> Select[int]:
    """The tickets that stand where consent is asked, and were not asked there."""
    workflows = revisions.active().desk.workflows.values()
    asking = [(each.name, state.name) for each in workflows for state in each.states.values() if state.approve]
    return select(Ticket.id).where(in_any(asking), Ticket.merged_into_id.is_(None), approvals.UNASKED)


def _announce() -> None:
    tickets = session().scalar(select(func.count()).select_from(_unasked().subquery())) or 0
    if tickets <= backlog.AT_ONCE:
        return
    minutes = -(-(tickets - backlog.AT_ONCE) // backlog.PER_MINUTE)
    until = (clock.now() + minutes * MINUTE).astimezone(ZoneInfo(revisions.active().desk.company.timezone))
    with writing():
        alarms.sound(
            ALARM,
            f"The changed workflow asks for consent on {tickets} tickets. {backlog.AT_ONCE} are asked now, then "
            f"{backlog.PER_MINUTE} a minute, the last about {until:%Y-%m-%d %H:%M}. "
            "Where you take `approve` out of the workflow until then, nobody is asked.",
        )


def _each(work: jobs.Work, ids: Sequence[int], do: Callable[[Ticket], object]) -> None:
    """Each by itself. One that breaks keeps none of the others waiting: it is tried again as a job of its own, which
    ends as any other does: after so many tries it is given up, and administrators hear of it.
    """
    revision = work.payload["revision"]
    for ticket_id in ids:
        try:
            _hold(ticket_id, do)
        except Exception:
            log.exception("%s could not be done for ticket %s.", work.kind, ticket_id)
            with writing():
                alone, name = {"revision": revision, "only": ticket_id}, f"{work.kind}:{revision}:only:{ticket_id}"
                jobs.enqueue(work.kind, alone, run_at=clock.now() + MINUTE, dedupe=name)


def _hold(ticket_id: int, do: Callable[[Ticket], object]) -> None:
    with writing():
        do(lock(ticket_id))
