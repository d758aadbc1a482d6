"""When far more is overdue than usual, because nothing ran for a while or the clock jumped, customers do not hear of
all of it at once (fault 27).

`run_due` asks before it runs what is late. The first tickets run now; the others are put off, so many a minute, each
with its order and its distances kept. Administrators hear how many wait and until when; what a changed file no longer
wants does not run when its time comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, false, func, or_, select, update

from helpdesk import alarms, clock, jobs
from helpdesk.db import UTCDateTime, session, writing
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action, Workflow

LATE = timedelta(hours=1)  # overdue by more than this is no ordinary delay
AT_ONCE = 200  # tickets whose customers may notice something at the same time
PER_MINUTE = 100  # and then a minute
ALARM = "timers:late"
CHUNK = 500

_PUT_OFF = (
    update(Timer)
    .where(Timer.id == bindparam("which"), Timer.due_at == bindparam("old", type_=UTCDateTime))
    .values(due_at=bindparam("new", type_=UTCDateTime))
)


def spread() -> int:
    """Put off what customers would notice of too many tickets at once. Gives how many tickets wait."""
    if len(session().execute(_late_tickets().limit(AT_ONCE + 1)).all()) <= AT_ONCE:
        return 0
    with writing() as here:
        alarms.sound(ALARM, "Far more is overdue than usual.")  # of several workers one does it, the others wait for it
        late = here.execute(_late_tickets().order_by(func.min(Timer.due_at), Timer.ticket_id)).all()
        waiting = late[AT_ONCE:]
        if not waiting:
            return 0
        now = clock.now()
        turns = {ticket_id: (first, _turn(now, place)) for place, (ticket_id, first) in enumerate(waiting)}
        for start in range(0, len(waiting), CHUNK):
            _put_off({each.ticket_id: turns[each.ticket_id] for each in waiting[start : start + CHUNK]})
        until = _turn(now, len(waiting) - 1)
        alarms.sound(ALARM, _told(len(late), late[0][1], until))
        jobs.enqueue("caught_up", {}, run_at=until + timedelta(minutes=1))
        return len(waiting)


@jobs.handles("caught_up")
def caught_up(work: jobs.Work) -> None:
    """What was put off has had its turn, unless more was put off since."""
    more = select(jobs.Job.id).where(jobs.Job.kind == work.kind, jobs.Job.id > work.id).limit(1)
    with writing() as here:
        if here.scalar(more) is None:
            alarms.clear(ALARM)


def _turn(now: datetime, place: int) -> datetime:
    return now + timedelta(minutes=place // PER_MINUTE + 1)


def _put_off(turns: dict[int, tuple[datetime, datetime]]) -> None:
    """Move what is due of these tickets until their turn, by as much as the first of it has to move."""
    last = max(turn for _, turn in turns.values())
    rows = select(Timer.id, Timer.ticket_id, Timer.due_at).where(Timer.ticket_id.in_(turns), Timer.due_at <= last)
    moved: list[dict[str, Any]] = []
    for timer_id, ticket_id, due_at in session().execute(rows):
        first, turn = turns[ticket_id]
        if due_at <= turn:
            moved.append({"which": timer_id, "old": due_at, "new": due_at + (turn - first)})
    if moved:  # another worker may have run the last of them just now
        session().connection().execute(_PUT_OFF, moved)


def _late_tickets() -> Select[int, datetime]:
    """Tickets with something long overdue that the customer would notice, and since when."""
    late = select(Timer.ticket_id, func.min(Timer.due_at)).join(Ticket, Ticket.id == Timer.ticket_id)
    noticed = or_(false(), *(_noticed(workflow) for workflow in revisions.active().desk.workflows.values()))
    return late.where(Timer.due_at < clock.now() - LATE, noticed).group_by(Timer.ticket_id)


def _noticed(workflow: Workflow) -> ColumnElement[bool]:
    """The condition that a row of this workflow may run something the customer notices."""
    seen = {name for name, action in workflow.actions.items() if _shows(action)}
    kinds = [kind for kind, names in _by_kind(workflow) if seen & set(names)]
    named = bindparam("actions", sorted(seen), type_=String, unique=True, expanding=True)
    return and_(
        Ticket.workflow == workflow.name,
        or_(and_(Timer.kind == "timer", Timer.action.in_(named)), Timer.kind.in_(kinds)),
    )


def _by_kind(workflow: Workflow) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The actions that are run by what is due of other kinds."""
    yield "sla", tuple(level.then for level in workflow.sla if level.then)
    for state in workflow.states.values():
        if state.approve:
            yield "approval", (state.approve.expired,)


def _shows(action: Action) -> bool:
    """Whether the customer notices that it ran: it says so, it leads somewhere, or it writes to them."""
    told = any("customer" in to for to in (*(mail.to for mail in action.emails), *(text.to for text in action.sms)))
    return action.customer in ("see", "run") or told or any(branch.to != "same" for branch in action.to)


def _told(tickets: int, since: datetime, until: datetime) -> str:
    zone = ZoneInfo(revisions.active().desk.company.timezone)
    begun, over = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (since, until))
    return (
        f"Automatic actions on {tickets} tickets are overdue, the oldest since {begun}: nothing ran for a while, or "
        f"the clock jumped. {AT_ONCE} tickets have their turn now, then {PER_MINUTE} a minute, the last about {over}. "
        "What you take out of the workflow until then does not run."
    )
