"""What third parties answer in a side conversation: filed there, and nowhere else.

Only a code of the conversation leads here. The message is internal whatever the file says, runs nothing that a message
of the ticket would run, and answers nobody; the one action the file names for it (`answered`) runs without its words
(attack 39).
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk import clock
from helpdesk.actions.consult import Consult
from helpdesk.actions.door import lock, run_automatic
from helpdesk.actions.holding import lock_in_order
from helpdesk.actions.run import Cause
from helpdesk.db import session
from helpdesk.intake.inbound import Inbound, Received
from helpdesk.intake.wording import write
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.text import plain
from helpdesk.tickets import events, side_conversations, unread
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.side_conversations import SideConversation
from helpdesk.workflows import revisions


def meant(inbound: Inbound, sender: Person | None) -> SideConversation | None:
    """The side conversation this answers; None where it does not, or where the customer wrote it: what they say is said
    on their ticket, whoever let them have such a mail.
    """
    number = inbound.thread.conversation_id if inbound.thread else 0
    found = session().get(SideConversation, number) if number else None
    if found is None:
        return None
    ticket = session().get_one(Ticket, found.ticket_id)
    return None if sender is not None and sender.id == ticket.requester_id else found


def take(conversation: SideConversation, inbound: Inbound, sender: Person) -> Received:
    """File the answer in its conversation, and let whom the ticket concerns know. A conversation that was over goes on.

    Of a ticket that was merged it stays there, and is to be read on the one that goes on.
    """
    before = session().get_one(Ticket, conversation.ticket_id)
    lock_in_order({before.id, before.merged_into_id or before.id})
    ticket = lock(conversation.ticket_id)
    actor = Actor("other", sender)
    told = {"id": conversation.id, "subject": conversation.subject, "automatic": inbound.automatic}
    event = events.append(ticket, kind="answered", actor=actor, data={"label": "Side conversation", "side": told})
    inbound = _with_warning(conversation, inbound)
    write(ticket, event, inbound, actor, audience="internal", conversation_id=conversation.id)
    conversation.last_event_id = event.id
    if not inbound.automatic:
        conversation.closed_at = None
    if ticket.merged_into_id is not None:
        _wake(lock(ticket.merged_into_id), event.id)
    unread.mark(ticket, except_for=None)
    if not inbound.automatic and ticket.merged_into_id is None:
        _run_what_follows(ticket, conversation)
    return Received(ticket.id, ticket.ref, "filed", event.id)


def _with_warning(conversation: SideConversation, inbound: Inbound) -> Inbound:
    """Note the sender's name, and say so where nobody of this address is in the conversation."""
    address = find.normal(inbound.address)
    known = {each.address: each for each in side_conversations.everybody(conversation.id)}
    if (each := known.get(address)) is not None:
        each.name = each.name or plain.person_name(inbound.name)
    if each is not None and each.left_at is None:
        return inbound
    why = f"{inbound.address} is not in this side conversation, but answered a mail of it."
    return replace(inbound, warnings=(*inbound.warnings, why))


def _wake(stays: Ticket, event_id: int) -> None:
    """The ticket on which it is read moves to the front of the lists, and pages of it are told."""
    stays.version += 1
    stays.updated_at = stays.activity_at = clock.now()
    events.ring(stays.id, event_id)


def _run_what_follows(ticket: Ticket, conversation: SideConversation) -> None:
    """The automatic action that the file names for an answer, as the desk itself. It gets nothing of the answer."""
    spec = revisions.active().desk.workflows[ticket.workflow].actions.get(conversation.action)
    answered = spec.options.answered if spec is not None and isinstance(spec.options, Consult) else None
    if answered is not None:
        run_automatic(ticket, answered, cause=Cause(), depth=1)
