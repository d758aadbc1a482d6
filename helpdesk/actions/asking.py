"""Asking for consent: a state with `approve` asks its approvers when a ticket arrives there, and stops asking when it
leaves.

Called with the ticket held: by both doors `arrived` after each arrival; `ask_here` where a changed file brought a
ticket or asks from now on; `came_back` when a merge was taken back; the rest by `approving`, where votes are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam, select, update

from helpdesk import alarms, clock
from helpdesk.actions import mailed_links, mailing, resting
from helpdesk.actions.approvers import asked_in, brought_here_by
from helpdesk.actions.mailed_links import Mailed
from helpdesk.actions.run import Cause
from helpdesk.db import UTCDateTime, answer, insert
from helpdesk.tickets import action_links, approvals, due, events, fields, names, policy, voting
from helpdesk.tickets.actors import SYSTEM, staff
from helpdesk.tickets.approvals import Approval, Round
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.tickets.outbox import Recipient
from helpdesk.tickets.voting import Mandate
from helpdesk.workflows import calendars, revisions
from helpdesk.workflows.schema import Approve
from helpdesk.workflows.votes import PREFIX

KEPT = timedelta(days=14)  # how long after its round a link still opens, to say what became of it
RECIPIENT = "approvers"

_END = (
    update(Approval)
    .where(Approval.ticket_id == bindparam("ticket"), Approval.ended_at.is_(None))
    .values(ended_at=bindparam("now", type_=UTCDateTime), outcome=bindparam("how"))
)
_UNDER = (
    update(Approval)
    .where(Approval.ticket_id == bindparam("ticket"), Approval.ended_at.is_(None))
    .values(workflow=bindparam("to_workflow"), state=bindparam("to_state"))
)

_UNTIL = update(Approval).where(Approval.id == bindparam("round")).values(due_at=bindparam("until", type_=UTCDateTime))
_MAILED = select(Delivery.person_id).where(
    Delivery.ticket_id == bindparam("ticket"),
    Delivery.role == RECIPIENT,
    Delivery.created_at >= bindparam("since", type_=UTCDateTime),
)

Names = Callable[[], dict[str, Any]]


def arrived(
    ticket: Ticket, left: tuple[str, str] | None, event: Happened, cause: Cause, said: Names | None = None
) -> None:
    """The ticket arrived: what was asked in the state before is over, and what this one asks is asked. A workflow
    without approvals is asked nothing of the database.

    `left`: the workflow and state it came from. `said`: the names that the mail to the approvers may use, worked out
    only where there is one.
    """
    if left and voting.asks(*left):
        end(ticket, "left")
    spec = voting.spec_of(ticket)
    if spec is not None:
        round = begin(ticket, spec, at=ticket.entered_at, brought_by_id=cause.person_id)
        _ask(ticket, spec, round, event, said or partial(_said, ticket))


def ask_here(ticket: Ticket) -> bool:
    """A change of the file brought the ticket to where consent is asked, or asks it where the ticket is: it is asked as
    of one that arrived just now. False where nothing is asked, or was asked before.
    """
    spec = voting.spec_of(ticket)
    if spec is None or not approvals.is_unasked(ticket):
        return False
    ask_anew(ticket, spec, label="Asked for consent", brought_by_id=brought_by(ticket))
    return True


def came_back(ticket: Ticket, was: tuple[str, str], before: Mapping[str, Any], *, entered: bool) -> None:
    """The ticket stands again where it `was`, in what that is by now: its question goes on, if that asks still and the
    ticket has not `entered` anew; what was never asked there is asked. `before`: what `resting` kept.
    """
    here, spec = (ticket.workflow, ticket.state), voting.spec_of(ticket)
    if entered or spec is None:
        end(ticket, "left")
    elif here != was:
        answer(_UNDER, ticket=ticket.id, to_workflow=here[0], to_state=here[1])
    round = approvals.open_round(ticket)
    if spec is not None and round is not None:
        _wake(ticket, spec, round, before)
    ask_here(ticket)


def ask_others(ticket: Ticket, spec: Approve, round: Round, event: Happened, cause: Cause) -> None:
    """A vote began the round; where it did not end it, the others are asked."""
    counted = approvals.find_round(ticket, round.id)
    if counted is not None and counted.ended_at is None:
        _ask(ticket, spec, counted, event, partial(_said, ticket))


def ask_anew(ticket: Ticket, spec: Approve, *, label: str, brought_by_id: int | None) -> None:
    """Everybody anew: the votes given are forgotten, the old links say so, and the time starts again."""
    event = events.append(ticket, kind="asked", actor=SYSTEM, data={"label": label})
    round = begin(ticket, spec, at=clock.now(), brought_by_id=brought_by_id)
    _ask(ticket, spec, round, event, partial(_said, ticket))


def ask_new(ticket: Ticket, spec: Approve, round: Round) -> None:
    """The file names others by now: whoever has a vote and was not asked in this round is."""
    known = {row.person_id for row in answer(_MAILED, ticket=ticket.id, since=round.opened_at)}
    known |= {cast.voter_id for cast in round.votes}
    asked = asked_in(ticket, spec, round)
    if all(each.voter.id in known or not each.voter.email for each in asked):
        _tell_of_too_few(ticket, spec, round, asked)
        return
    event = events.append(ticket, kind="asked", actor=SYSTEM, data={"label": "Asked for consent"})
    _ask(ticket, spec, round, event, partial(_said, ticket), known=known)


def begin(ticket: Ticket, spec: Approve, *, at: datetime, brought_by_id: int | None) -> Round:
    """Open a round, without telling anybody; one that was open is over."""
    desk = revisions.active().desk
    due_at = calendars.ends(desk, ticket.workflow, at, spec.within) if spec.within else None
    answer(_END, ticket=ticket.id, now=at, how="left")  # of a state that asks no more
    made: int = insert(
        Approval,
        ticket_id=ticket.id,
        workflow=ticket.workflow,
        state=ticket.state,
        brought_by_id=brought_by_id,
        opened_at=at,
        due_at=due_at,
    )
    if due_at is not None:
        due.put([due.entry(ticket.id, "approval", "expire", due_at)])
    return Round(made, ticket.workflow, ticket.state, brought_by_id, at, due_at, None, "", ())


def end(ticket: Ticket, how: str) -> None:
    """Whatever was asked of the ticket is over."""
    answer(_END, ticket=ticket.id, now=clock.now(), how=how)
    due.stop(ticket.id, "approval")


@mailed_links.makes("approve")
def link(about: Mailed) -> str:
    """For whoever has a vote here and now; a mail to anybody else carries none."""
    person, round = about.recipient.person, about.asked
    if person is not None and round is None and voting.spec_of(about.ticket) is not None:
        refused = policy.refusal(about.ticket, f"{PREFIX}accept", staff(person))
        round = None if refused else approvals.open_round(about.ticket)
    if person is None or round is None:
        return ""
    until = max(clock.now() + action_links.LASTS["approve"], (round.due_at or clock.now()) + KEPT)
    return action_links.url("approve", ticket_id=about.ticket.id, person_id=person.id, round=round.id, expires_at=until)


def brought_by(ticket: Ticket) -> int | None:
    """Who brought the ticket there, of a question that ended without its leaving, or that the file asks only since
    lately.
    """
    last = approvals.last_round(ticket)
    is_here = last is not None and (last.workflow, last.state) == (ticket.workflow, ticket.state)
    if last is not None and is_here and last.opened_at >= ticket.entered_at:
        return last.brought_by_id
    return brought_here_by(ticket)


def _wake(ticket: Ticket, spec: Approve, round: Round, before: Mapping[str, Any]) -> None:
    """A question goes on after a rest: until as much later, by the time the file gives now, and for whom it names."""
    within = str(spec.within or "")
    until = round.due_at + resting.rested(before) if round.due_at else None
    if within != before.get("said", {}).get("within", within):
        since = round.opened_at + resting.rested(before)
        until = calendars.ends(revisions.active().desk, ticket.workflow, since, spec.within) if spec.within else None
    due.stop(ticket.id, "approval")
    if until is not None:
        due.put([due.entry(ticket.id, "approval", "expire", until)])
    answer(_UNTIL, round=round.id, until=until)
    ask_new(ticket, spec, round)


def _ask(
    ticket: Ticket, spec: Approve, round: Round, event: Happened, said: Names, *, known: Collection[int] = ()
) -> None:
    """Mail everybody who has a vote and did not give it, but those who are `known` to be asked."""
    asked = asked_in(ticket, spec, round)
    _tell_of_too_few(ticket, spec, round, asked)
    done = {cast.voter_id for cast in round.votes}.union(known)
    to = [
        Recipient(who.email, who, RECIPIENT)
        for who in (each.voter for each in asked)
        if who.email and who.id not in done
    ]
    if to:
        mailing.ask(ticket, event, spec.email, to, said(), asked=round)


def _tell_of_too_few(ticket: Ticket, spec: Approve, round: Round, asked: Collection[Mandate]) -> None:
    """Where there are fewer than are needed who can consent, or did, the administrators hear of it at once."""
    can = {each.person.id for each in asked} | {cast.person_id for cast in round.accepted}
    if len(can) >= spec.need:
        return
    why = f"{len(can)} of {spec.need} people who must consent can."
    told = {"label": "Asked for consent", "why": why}
    events.append(ticket, kind="asked", actor=SYSTEM, data=told, touches=False)
    alarms.sound(f"approve:{ticket.workflow}.{ticket.state}", f"{ticket.ref} waits for consent: {why}")


def _said(ticket: Ticket) -> dict[str, Any]:
    return names.of_ticket(ticket, actor=SYSTEM, fields=fields.held(ticket))
