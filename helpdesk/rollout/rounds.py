"""What a change of the desk means for questions that are open: in which states it asks others, needs another number of
consents, or gives another time. Asked by `plan` and by the migration, so that what is said is what is done.

A round goes on, and with it the votes that were given: they were given rightly. Who may vote is asked of the file in
force at each vote; who comes new is asked by the worker (`afterwards`), which also ends a round whose votes are enough
by now. The time is counted from the same beginning as before, so it can be over at once, as it is with timers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, delete, func, select, update

from helpdesk.db import UTCDateTime, session
from helpdesk.rollout import consent, timing
from helpdesk.rollout.counting import in_any
from helpdesk.rollout.differences import same
from helpdesk.rollout.ways import Pair, Way
from helpdesk.text.counted import counted
from helpdesk.tickets import due
from helpdesk.tickets.approvals import Approval, Vote
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows import calendars
from helpdesk.workflows.schema import Approve, Desk

AT_ONCE = 5_000  # rows that are read and written together
_UNTIL = (
    update(Approval)
    .where(Approval.id == bindparam("round"))
    .values(due_at=bindparam("until", type_=UTCDateTime))
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True)
class Changed:
    """Tickets of `pair` stay, in what is called `target` now, and are asked otherwise."""

    pair: Pair
    target: Pair
    old: Approve
    new: Approve

    @property
    def asks_others(self) -> bool:
        """Whether the worker has to look at each of them."""
        return set(self.old.by) != set(self.new.by) or self.old.need != self.new.need

    @property
    def has_other_time(self) -> bool:
        return self.old.within != self.new.within


def changed(
    before: Desk | None, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]
) -> tuple[Changed, ...]:
    """The states whose tickets stay, that asked before and ask otherwise now."""
    return tuple(
        Changed(pair, target, old, new)
        for pair, target, arrives in consent.places(held, ways)
        if not arrives
        and (old := consent.approve_of(before, pair))
        and (new := consent.approve_of(after, target))
        and not same(old, new)
    )


def sentences(one: Changed, after: Desk) -> Iterator[tuple[int, str]]:
    """What it means for the questions that are open, each with how many: for the plan."""
    open_ = waiting(one)
    if not open_:
        return
    where, tickets, is_one = one.target[1], counted(open_), open_ == 1
    wait, have, need = ("waits", "has", "needs") if is_one else ("wait", "have", "need")
    if set(one.old.by) != set(one.new.by):
        told = "who is new is asked, who is not named any more has no vote, votes that were given stay"
        yield open_, f"Who may consent in “{where}” changes while {tickets} {wait} there: {told}."
    if one.old.need != one.new.need:
        consents = f"{counted(one.new.need, 'consent')} instead of {one.old.need}"
        yield open_, f"{tickets} of “{where}” {need} {consents}{_decided(one)}."
    if one.has_other_time:
        yield open_, f"{tickets} of “{where}” {have} {_time(one)} to be decided{_over(one, after)}."
    if not same(replace(one.old, by=one.new.by, need=one.new.need, within=one.new.within), one.new):
        yield open_, f"The approval in “{where}” changes while {tickets} {wait} there."


def set_time(one: Changed, after: Desk) -> None:
    """The open questions have another time, from the same beginning. Once tickets are where they come to."""
    asked = open_in([one.target]).with_only_columns(Approval.id, Approval.ticket_id, Approval.opened_at)
    last = 0
    while some := session().execute(asked.where(Approval.id > last).order_by(Approval.id).limit(AT_ONCE)).all():
        last = some[-1].id
        until = {row.id: _until(one, after, row.opened_at) for row in some}
        session().connection().execute(_UNTIL, [{"round": number, "until": at} for number, at in until.items()])
        theirs = Timer.ticket_id.in_([row.ticket_id for row in some])
        session().execute(delete(Timer).where(Timer.kind == "approval", theirs))
        due.put([due.entry(row.ticket_id, "approval", "expire", at) for row in some if (at := until[row.id])])


def waiting(one: Changed) -> int:
    """On how many tickets a question is open there, before they are carried along."""
    return _count(open_in([one.pair]))


def open_in(pairs: Collection[Pair]) -> Select[int]:
    """The tickets in these states on which a question is open. What rests in another ticket waits for nobody."""
    here = and_(Approval.workflow == Ticket.workflow, Approval.state == Ticket.state, Approval.ended_at.is_(None))
    tickets = select(Ticket.id).join(Approval, and_(Approval.ticket_id == Ticket.id, here))
    return tickets.where(in_any(pairs), Ticket.merged_into_id.is_(None))


def _until(one: Changed, after: Desk, since: datetime) -> datetime | None:
    return calendars.ends(after, one.target[0], since, one.new.within) if one.new.within else None


def _time(one: Changed) -> str:
    if one.new.within is None:
        return f"no end of the time instead of {one.old.within}"
    return f"{one.new.within} instead of {one.old.within or 'no end of the time'}"


def _over(one: Changed, after: Desk) -> str:
    """From when it counts; and on how many tickets it is over at once."""
    if one.new.within is None:
        return ""
    since = timing.due_if_since(one.new.within, one.target[0], after)
    over = _count(open_in([one.pair]).where(Approval.opened_at <= since))
    return ", counted from when it was asked" + (f"; on {counted(over)} it is over at once" if over else "")


def _decided(one: Changed) -> str:
    """On how many tickets the votes that were given are enough."""
    given = select(func.count()).where(Vote.approval_id == Approval.id, Vote.vote == "accept")
    enough = _count(open_in([one.pair]).where(given.scalar_subquery() >= one.new.need))
    has = "has" if enough == 1 else "have"
    return f"; {counted(enough)} {has} them and will go on at once" if enough else ""


def _count(tickets: Select[int]) -> int:
    return session().scalar(select(func.count()).select_from(tickets.subquery())) or 0
