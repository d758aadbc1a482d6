"""A message about a ticket that exists: the part its sender plays, the action it runs, or the note it becomes."""

from __future__ import annotations

from helpdesk.actions.door import lock, perform, release
from helpdesk.actions.run import Cause
from helpdesk.db import session
from helpdesk.errors import HelpdeskError
from helpdesk.intake.inbound import Inbound, Received
from helpdesk.intake.wording import write
from helpdesk.people.models import Person
from helpdesk.tickets import events, identity, outbox, policy, talks, unasked, unread
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import State

UNTAKEN = "No action of this state takes such a message."
ROLE = "sender"  # of whoever is told that their message was only filed
HELD = "It looks like a code or link of a service for its user, so it stays in the house."
KEPT_SUBJECT = "[{{ ticket.ref }}] Your message was kept, but not carried out"
KEPT_BODY = (
    "Your message about {{ ticket.ref }} is kept, and people can read it. It did not do what it asked for: {{ why }}"
)


def answer(ticket: Ticket, inbound: Inbound, sender: Person) -> Received:
    workflow = revisions.active().desk.workflows[ticket.workflow]
    state = workflow.states[ticket.state]
    actor = part_of(sender, ticket, inbound)
    action = _on_message(state, actor, ticket)
    held = inbound.from_service and actor.kind == "other"
    if inbound.automatic or held or action is None:
        return _file(ticket, inbound, actor, "" if inbound.automatic else HELD if held else UNTAKEN)
    cause = _cause(inbound, actor)
    offered = {"message": inbound.message, "files": inbound.files}
    values = {name: value for name, value in offered.items() if value}
    try:
        with session().begin_nested():
            outcome = perform(ticket.id, action, actor, values, cause=cause)
    except HelpdeskError as refused:
        release(ticket)
        received = _file(lock(ticket.id), inbound, actor, refused.sentence)
        if not inbound.late and actor.kind != "other":  # who holds somebody else's code is told nothing
            _tell_sender(ticket, inbound, sender, received, refused.sentence)
        return received
    return Received(ticket.id, ticket.ref, "ran", outcome.event_id)


def part_of(sender: Person, ticket: Ticket, inbound: Inbound) -> Actor:
    """The part the sender plays on this ticket. Staff count as staff only when they proved who they are (attack 22)."""
    if sender.id == ticket.requester_id:
        return Actor("customer", sender)
    carried = inbound.thread is not None and inbound.thread.person_id == sender.id
    proven = sender.is_staff and sender.is_active and inbound.verified and carried
    return Actor("staff" if proven else "other", sender)


def _on_message(state: State, actor: Actor, ticket: Ticket) -> str | None:
    """The action for this sender: a missing `assignee` falls to `staff`, a missing `customer` or `staff` to `other`.

    None for staff who cannot see the state: their message is filed as a note.
    """
    named = state.on_message
    if actor.kind == "staff" and actor.person is not None and not policy.sees(actor.person, ticket):
        return None
    if actor.kind == "customer":
        return named.customer or named.other
    if actor.kind == "staff":
        assigned = named.assignee if ticket.assignee_id == actor.person_id else None
        return assigned or named.staff or named.other
    return named.other


def _file(ticket: Ticket, inbound: Inbound, actor: Actor, why: str) -> Received:
    """Keep a message that no action takes: on the ticket, with the reason, and unread for the desk."""
    event = events.append(
        ticket,
        kind="filed",
        actor=actor,
        for_customer=actor.kind == "customer",
        data={"label": "Message filed", "why": why, "automatic": inbound.automatic},
    )
    audience = "public" if actor.kind == "customer" and not inbound.automatic else "internal"
    write(ticket, event, inbound, actor, audience=audience)
    unread.mark(ticket, except_for=actor.person_id)
    return Received(ticket.id, ticket.ref, "filed", event.id)


def _tell_sender(ticket: Ticket, inbound: Inbound, sender: Person, received: Received, why: str) -> None:
    """The sender learns that the message was kept but not carried out, and why. Within the caps for unasked mail."""
    talk = None if inbound.mailed is None else talks.sketch(inbound.mailed)
    if not unasked.refusal(sender.email, sender, verified=ticket.requester_verified, talk=talk, ticket=ticket):
        said = {"ticket": {"ref": ticket.ref}, "why": why}
        recipient = outbox.Recipient(sender.email, sender, ROLE)
        outbox.post(
            recipient,
            subject=KEPT_SUBJECT,
            body=KEPT_BODY,
            names=said,
            sender=identity.of_ticket(ticket).without_texts(),
            ticket=ticket,
            event_id=received.event_id,
            automatic=True,
            answers=True,
            talk=talk,
        )


def _cause(inbound: Inbound, actor: Actor) -> Cause:
    return Cause(
        message=True,
        staff=actor.kind == "staff",
        channel=inbound.channel,
        rfc_id=inbound.rfc_id,
        inbound_id=inbound.inbound_id,
        said=inbound.mailed,
        warnings=inbound.warnings,
        copied=tuple(address for address, _ in inbound.copied),
        automatic=inbound.automatic or inbound.late,
    )
