"""A reply that leaves in a few seconds, so that its writer can take it back, and that stays when the customer writes
first.

Called by the desk. Until it leaves nothing has happened to the ticket: no state, no history, no mail, nothing in the
cabinet; so there is nothing to be undone. When it leaves it goes through the door like any other run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from helpdesk import clock, jobs
from helpdesk.actions.door import Outcome, lock, perform, release
from helpdesk.db import insert, session, writing
from helpdesk.errors import HelpdeskError, NotFound
from helpdesk.jobs import Work
from helpdesk.people.models import Person
from helpdesk.tickets import events, in_order, unread, waiting
from helpdesk.tickets.actors import SYSTEM, Actor, staff
from helpdesk.tickets.models import Event, Message, Ticket
from helpdesk.tickets.waiting import GONE, WaitingReply
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action

JOB = "waiting_reply"


class _Rehearsed(Exception):
    """It could be done; and it is not."""


def seconds(spec: Action, values: Mapping[str, Any]) -> int:
    """How long a run of staff with these values waits: what the file says, if it writes to the customer; else 0."""
    writes = bool(values.get("message")) and any("customer" in email.to for email in spec.emails)
    return revisions.active().desk.company.undo_seconds if writes and spec.type != "macro" else 0


def wait(
    ticket_id: int,
    spec: Action,
    actor: Actor,
    values: Mapping[str, Any],
    *,
    form: Mapping[str, list[str]],
    seen: int | None,
    nonce: str | None,
) -> Outcome | None:
    """Have it leave in a while. What would be refused is refused now, as `perform` does; a form that was sent twice
    waits once. Gives the outcome of a form that has done its work already, else None.
    """
    assert actor.person_id is not None  # noqa: S101 - for the types: only staff has a desk
    with writing() as here:
        if nonce and here.scalar(select(WaitingReply.id).where(WaitingReply.nonce == nonce)):
            return None
        try:
            with here.begin_nested():
                outcome = perform(ticket_id, spec.name, actor, values, seen=seen, nonce=nonce)
                raise _Rehearsed
        except _Rehearsed:
            release(here.get_one(Ticket, ticket_id))
            if outcome.repeated:
                return outcome
        leaves_at = clock.now() + timedelta(seconds=seconds(spec, values))
        row = {"ticket_id": ticket_id, "person_id": actor.person_id, "action": spec.name, "nonce": nonce}
        kept = {"values": waiting.frozen(values), "form": dict(form), "heard": _newest(ticket_id)}
        try:
            with here.begin_nested():
                _queue(insert(WaitingReply, **row, **kept, leaves_at=leaves_at), run_at=leaves_at)
        except IntegrityError:  # the same form at this very moment: it waits already
            return None
    return None


def take_back(ticket_id: int, reply_id: int, actor: Actor) -> None:
    """It stays with its writer. Raises NotFound for one that has left."""
    with writing():
        row = _held(ticket_id, reply_id, actor)
        jobs.withdraw(_dedupe(row.id))
        row.stopped, row.why = True, ""


def discard(ticket_id: int, reply_id: int, actor: Actor) -> None:
    """Its writer has no use for it any more. Raises NotFound for one that has left."""
    with writing() as here:
        row = _held(ticket_id, reply_id, actor)
        jobs.withdraw(_dedupe(row.id))
        here.delete(row)


def send_now(ticket_id: int, reply_id: int, actor: Actor) -> bool:
    """It leaves now, whatever was written meanwhile: its writer has seen that. Gives whether it left."""
    with writing():
        row = _held(ticket_id, reply_id, actor)
        jobs.withdraw(_dedupe(row.id))
        row.stopped, row.heard = False, _newest(ticket_id)
        return _leave(row)


def send_all_of(ticket_id: int, actor: Actor, *, seen: int | None) -> int | None:
    """Whoever goes on with a ticket does not mean to take back what they wrote before: it leaves first. Gives the
    version their page counts as drawn from afterwards: what they did themselves does not make it old.
    """
    if not revisions.active().desk.company.undo_seconds or actor.person_id is None:
        return seen
    for reply_id in [row.id for row in waiting.of(actor.person_id, [ticket_id]) if not row.stopped]:
        with writing():
            try:
                row = _held(ticket_id, reply_id, actor)  # before its ticket, as whoever sends it does (attack 95)
            except NotFound:
                continue  # it left by itself at this very moment
            before = lock(ticket_id).version
            jobs.withdraw(_dedupe(reply_id))
            if _leave(row) and seen == before:
                seen = lock(ticket_id).version
    return seen


@jobs.handles(JOB)
def leave(work: Work) -> None:
    """Its time has come."""
    with writing() as here:
        work.finish()
        row = here.get(WaitingReply, work.payload["reply"], with_for_update=True, populate_existing=True)
        if row is not None and not row.stopped:
            _leave(row)


def _leave(row: WaitingReply) -> bool:
    """Through the door; or back to its writer, who is told why."""
    here = session()
    person, ticket = here.get_one(Person, row.person_id), lock(row.ticket_id)
    if name := _who_wrote_since(row):
        why = f"{name} wrote while your reply waited."
        _stop(row, ticket, why, told=f"held back a reply of {person.shown_name}: {name} wrote while it waited")
        return False
    try:
        with here.begin_nested():
            perform(ticket.id, row.action, staff(person), waiting.thawed(row.values), nonce=row.nonce)
    except HelpdeskError as refused:
        release(ticket)
        told = f"could not send a reply of {person.shown_name}: {refused.sentence}"
        _stop(row, lock(row.ticket_id), refused.sentence, told=told)
        return False
    here.delete(row)
    return True


def _stop(row: WaitingReply, ticket: Ticket, why: str, *, told: str) -> None:
    """It stays with its writer, and whoever the ticket concerns hears of it."""
    jobs.withdraw(_dedupe(row.id))
    row.stopped, row.why = True, why
    events.append(ticket, kind="stopped", action=row.action, actor=SYSTEM, data={"why": told}, touches=False)
    unread.mark(ticket, except_for=None)


def _who_wrote_since(row: WaitingReply) -> str:
    """The name of somebody outside the house who has written since the reply was."""
    theirs = select(Message).where(
        Message.event_id > row.heard,
        Message.conversation_id.is_(None),  # what a third party says on the side is no reason
        Message.author_kind.in_(("customer", "other")),
    )
    found = session().scalar(in_order.oldest(theirs, Message, of=row.ticket_id).limit(1))
    author = session().get(Person, found.author_id) if found is not None and found.author_id else None
    return (author.shown_name if author else "Somebody") if found is not None else ""


def _held(ticket_id: int, reply_id: int, actor: Actor) -> WaitingReply:
    if actor.person_id is None:
        raise NotFound(GONE)
    return waiting.find(actor.person_id, ticket_id, reply_id, hold=True)


def _newest(ticket_id: int) -> int:
    """The last event of the ticket by now."""
    return session().scalar(select(func.max(Event.id)).where(Event.ticket_id == ticket_id)) or 0


def _queue(reply_id: int, *, run_at: Any) -> None:
    jobs.enqueue(JOB, {"reply": reply_id}, run_at=run_at, dedupe=_dedupe(reply_id))


def _dedupe(reply_id: int) -> str:
    return f"{JOB}:{reply_id}"
