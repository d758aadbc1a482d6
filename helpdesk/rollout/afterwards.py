"""What a change of the desk leaves to be asked for on tickets: consent where they came to a state that asks for it, and
of those who are new among the approvers of a question that is open.

The migration leaves it as a job, in its transaction; the worker does it in portions. The desk may have changed again
meanwhile: it is done by what is in force then.
"""

from __future__ import annotations

from collections.abc import Collection
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from helpdesk import alarms, clock, jobs
from helpdesk.actions import approving, asking
from helpdesk.actions.door import run_following
from helpdesk.db import session, writing
from helpdesk.rollout import portions, rounds
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.portions import MINUTE, Do
from helpdesk.rollout.ways import Pair
from helpdesk.tickets import approvals
from helpdesk.tickets.models import Ticket
from helpdesk.timers import backlog
from helpdesk.workflows import revisions

ASK = "ask_consent"
REVIEW = "review_consent"
ALARM = "consent:many"


def ask_for_consent(revision: int) -> None:
    """Leave it to the worker to ask for consent where this revision brought tickets."""
    jobs.enqueue(ASK, {"revision": revision}, dedupe=f"{ASK}:{revision}")


def review_rounds(states: Collection[Pair], revision: int) -> None:
    """Leave it to the worker to look at the questions that are open in these states: this revision asks others there,
    or needs another number of consents.
    """
    about = {"revision": revision, "states": [list(pair) for pair in sorted(states)]}
    jobs.enqueue(REVIEW, about, dedupe=f"{REVIEW}:{revision}")


@jobs.handles(ASK)
def ask(work: jobs.Work) -> None:
    """Ask on a portion of the tickets."""
    if portions.alone(work, asking.ask_here):
        return
    portions.wait_for_desk(work)
    _few_at_a_time(work, _unasked(), asking.ask_here, alarm=ALARM)


@jobs.handles(REVIEW)
def review(work: jobs.Work) -> None:
    """Ask those who are new, on a portion of the tickets; votes that are enough by now end the question."""
    if portions.alone(work, _review):
        return
    portions.wait_for_desk(work)
    _few_at_a_time(work, rounds.open_in(portions.places(work)), _review, alarm=f"{ALARM}:others")


def _few_at_a_time(work: jobs.Work, waiting: Select[int], do: Do, *, alarm: str) -> None:
    """Approvers are not sent thousands of mails at once: after the first tickets it goes on as what is overdue does
    (fault 29), and administrators hear of it.
    """
    asked = work.payload.get("asked", 0)
    if not asked:
        _announce(waiting, alarm)
    most = backlog.PER_MINUTE if asked else backlog.AT_ONCE
    after = work.payload.get("after", 0)
    ids = session().scalars(waiting.where(Ticket.id > after).order_by(Ticket.id).limit(most)).all()
    portions.each(work, ids, do)
    with writing():
        work.finish()
        if len(ids) == most:
            more = {**work.payload, "after": ids[-1], "asked": asked + len(ids)}
            jobs.enqueue(work.kind, more, run_at=clock.now() + MINUTE)
        else:
            alarms.clear(alarm)


def _review(ticket: Ticket) -> None:
    if following := approving.review(ticket):
        run_following(ticket, following)


def _unasked() -> Select[int]:
    """The tickets that stand where consent is asked, and were not asked there."""
    workflows = revisions.active().desk.workflows.values()
    asking = [(each.name, state.name) for each in workflows for state in each.states.values() if state.approve]
    return select(Ticket.id).where(in_any(asking), Ticket.merged_into_id.is_(None), approvals.UNASKED)


def _announce(waiting: Select[int], alarm: str) -> None:
    tickets = session().scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if tickets <= backlog.AT_ONCE:
        return
    minutes = -(-(tickets - backlog.AT_ONCE) // backlog.PER_MINUTE)
    until = (clock.now() + minutes * MINUTE).astimezone(ZoneInfo(revisions.active().desk.company.timezone))
    with writing():
        alarms.sound(
            alarm,
            f"The changed workflow asks for consent on {tickets} tickets. {backlog.AT_ONCE} are asked now, then "
            f"{backlog.PER_MINUTE} a minute, the last about {until:%Y-%m-%d %H:%M}. "
            "Where you take `approve` out of the workflow until then, nobody is asked.",
        )
