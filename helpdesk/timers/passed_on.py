"""A ticket was given to somebody by tiers, and nobody has touched it since: the next tier is asked (C14).

It is no action of the file: the desk itself gives the ticket on, and the history keeps the decision as always.
"""

from __future__ import annotations

from sqlalchemy import exists, select

from helpdesk.actions import after
from helpdesk.db import session
from helpdesk.routing import overflow
from helpdesk.routing.choosing import choose
from helpdesk.routing.decision import Decision, from_data
from helpdesk.tickets import due, events, policy, unread
from helpdesk.tickets.actors import SYSTEM
from helpdesk.tickets.models import Event, Ticket, Timer
from helpdesk.timers.kinds import fires


@fires(overflow.KIND)
def run(ticket: Ticket, timer: Timer) -> None:
    decided = session().get(Event, int(timer.action))
    if decided is None or not _untouched(ticket, decided):
        session().delete(timer)
        return
    after.next_run(ticket, timer)
    session().flush()
    _pass_on(ticket, from_data(decided.data["assigned"]["decision"]))


def _untouched(ticket: Ticket, decided: Event) -> bool:
    """Whether it still waits for the person it was given to: nobody of the house did anything since."""
    if ticket.workflow != decided.workflow:
        return False
    if ticket.assignee_id != decided.data["assigned"]["decision"].get("person_id") or policy.is_final(ticket):
        return False
    since = exists().where(Event.ticket_id == ticket.id, Event.id > decided.id, Event.actor_kind == "staff")
    return not session().scalar(select(since))


def _pass_on(ticket: Ticket, before: Decision) -> None:
    """Give it to somebody of the tiers after this one; where nobody of them is free it stays, and is tried again."""
    how = overflow.asked_again(before)
    choice = choose(how, ticket, past=overflow.tier_of(before)) if how else None
    if choice is None or choice.person is None:
        return
    ticket.assignee, ticket.assignee_id = choice.person, choice.person.id
    due.stop(ticket.id, overflow.KIND)
    assigned = {
        "person": choice.person.shown_name,
        "group": ticket.group or "",
        "why": [choice.decision.why],
        "decision": choice.decision.as_data(),
    }
    data = {"label": "Passed on", "assigned": assigned}
    event = events.append(ticket, kind="routed", actor=SYSTEM, data=data)
    unread.mark(ticket, except_for=None)
    overflow.watch(ticket, assigned, event_id=event.id, at=event.at)
