"""Mails that the last run could have sent and did not: the recipients of its e-mails to whom nothing went, and why.

Judged by the file in force and what is known now; what has changed since the run is told as it is today.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.actions import recipients
from helpdesk.db import session
from helpdesk.rollout.why.answer import Reason
from helpdesk.rollout.why.lines import Lines
from helpdesk.rollout.why.mails import named
from helpdesk.rollout.why.seen import saw
from helpdesk.tickets import fields, in_order, names
from helpdesk.tickets.actors import Actor, Kind
from helpdesk.tickets.models import Delivery, Event, Ticket
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.schema import Action, Email


def unsent(ticket: Ticket, lines: Lines) -> tuple[Reason, ...]:
    """For the newest run of an action with e-mails, if the file still has it where it ran."""
    ran = select(Event).where(Event.kind == "ran").options(joinedload(Event.actor))
    event = session().scalar(in_order.newest(ran, Event, of=ticket.id).limit(1))
    workflow = revisions.active().desk.workflows.get(event.workflow or "") if event else None
    spec = workflow.actions.get(event.action or "") if workflow and event else None
    if event is None or spec is None or not spec.emails or event.workflow != ticket.workflow:
        return ()
    return tuple(_of(event, spec, ticket, lines))


def _of(event: Event, spec: Action, ticket: Ticket, lines: Lines) -> Iterator[Reason]:
    actor = Actor(cast(Kind, event.actor_kind), event.actor)
    sent = set(session().scalars(select(Delivery.recipient).where(Delivery.event_id == event.id)))
    for number, email in enumerate(spec.emails):
        line = lines.of(*spec.path, "emails", str(number))
        if email.when:
            known = names.of_ticket(
                ticket, actor=actor, fields=fields.held(ticket), action=spec, conditions=[email.when]
            )
            if not conditions.holds(email.when, known):
                says = f"“{spec.label}” did not send “{named(email)}”: {email.when} does not hold."
                yield Reason(code="when", holds=False, says=says, line=line, saw=saw(email.when, known))
                continue
        yield from _left_out(spec, email, ticket, actor, sent, line)


def _left_out(spec: Action, email: Email, ticket: Ticket, actor: Actor, sent: set[str], line: str) -> Iterator[Reason]:
    for role in (*email.to, *email.bcc):
        considered = list(recipients.considered(role, ticket, actor))
        if not considered:
            says = f"“{spec.label}” did not send “{named(email)}” to {role}: there is nobody."
            yield Reason(code="nobody", holds=False, says=says, line=line)
        for each in considered:
            if each.left_out and each.address not in sent:
                who = each.person.shown_name if each.person else each.address
                says = f"“{spec.label}” did not send “{named(email)}” to {role}, {who}, who {each.left_out}."
                about = each.person.id if each.person and role != "customer" else None
                yield Reason(code="left_out", holds=False, says=says, line=line, about=about)
