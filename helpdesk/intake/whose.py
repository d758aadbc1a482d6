"""Whose ticket something that arrived belongs to, and whether it arrived before. Only looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import String, and_, bindparam, select

from helpdesk import clock
from helpdesk.db import UTCDateTime, answer, session
from helpdesk.intake.inbound import Inbound, Received
from helpdesk.people import find
from helpdesk.people.models import Address, Person
from helpdesk.text import plain
from helpdesk.tickets import merged, participants
from helpdesk.tickets.models import Attachment, Delivery, Follower, Message, Submission, Ticket

SAME_MAIL = timedelta(days=30)  # how long a Message-ID that comes again with the same words is the same mail

SAME_NAME = "Another mail of this sender had the same Message-ID and said something else. Both are kept."

_said_before = and_(
    Message.author_id == Address.person_id,
    Message.rfc_id == bindparam("rfc_id", type_=String),
    Message.created_at > bindparam("since", type_=UTCDateTime),
)
MET = (
    select(Address.person_id, Message.id, Message.text, Ticket.id, Ticket.ref, Message.event_id)
    .outerjoin(Message, _said_before)
    .outerjoin(Ticket, Ticket.id == Message.ticket_id)
    .where(Address.kind == "email", Address.value == bindparam("address"))
    .order_by(Message.id.desc())
    .limit(5)
)
"""Whose address it is, and which mails of theirs had this Message-ID: nothing of somebody unknown."""

ITS_OWN = (Message.conversation_id.is_(None),)  # the ticket's own conversation
FILES_OF = select(Attachment.sha256, Attachment.content_type).where(Attachment.message_id == bindparam("message"))
ORIGINAL = "message/rfc822"


def ticket_for(inbound: Inbound, sender: Person) -> Ticket | None:
    """Whose ticket: a signed code of ours, else a mail it answers in which the sender took part, else a number for a
    participant.

    A number or a reference from a stranger is no key (attack 24): theirs becomes a ticket of its own. Whoever holds a
    signed code that was sent to somebody else is heard, as `other`, and told nothing. What is about a merged ticket
    belongs to the one that stays. Whoever was only asked in a side conversation takes no part in the ticket.
    """
    here = session()
    if inbound.thread is not None and (found := here.get(Ticket, inbound.thread.ticket_id)) is not None:
        return merged.stays(found)
    for rfc_id in list(inbound.references)[-20:]:
        ticket_id = here.scalar(select(Message.ticket_id).where(Message.rfc_id == rfc_id, *ITS_OWN).limit(1))
        ours = Delivery.message_id == rfc_id, Delivery.conversation_id.is_(None)
        ticket_id = ticket_id or here.scalar(select(Delivery.ticket_id).where(*ours))
        found = here.get(Ticket, ticket_id) if ticket_id else None
        if found is not None and takes_part(sender, found):
            return merged.stays(found)
    for word in plain.line(inbound.subject).replace("[", " ").replace("]", " ").replace(":", " ").split()[:30]:
        found = here.scalar(select(Ticket).where(Ticket.ref == word)) if any(c.isdigit() for c in word) else None
        if found is not None and takes_part(sender, found):
            return merged.stays(found)
    return None


def ticket_of(inbound: Inbound) -> Ticket | None:
    """The ticket this would go to, only looking; None where it would open one."""
    sender = find.by_email(inbound.address)
    if sender is not None:
        return ticket_for(inbound, sender)
    found = session().get(Ticket, inbound.thread.ticket_id) if inbound.thread else None
    return merged.stays(found) if found else None


def takes_part(person: Person, ticket: Ticket) -> bool:
    """Whether the person is part of the conversation: its requester, its assignee, a follower, in copy, or somebody
    who wrote in it.
    """
    if person.id in (ticket.requester_id, ticket.assignee_id):
        return True
    here = session()
    if here.get(Follower, (ticket.id, person.id)) is not None:
        return True
    if ticket.shared and participants.is_in(ticket, [each.value for each in person.addresses]):
        return True
    wrote = select(Message.id).where(Message.ticket_id == ticket.id, Message.author_id == person.id, *ITS_OWN).limit(1)
    return here.scalar(wrote) is not None


def earlier(inbound: Inbound) -> tuple[Received | Person | None, Inbound]:
    """What the same thing led to when it arrived before: the same form, or the same mail by another way (faults 15 and
    16). For what is new, whose address it comes from, None for somebody unknown; it says so for staff where another
    mail of this sender had its name.
    """
    here = session()
    if inbound.nonce and (sent := here.get(Submission, inbound.nonce)):
        ticket = here.get_one(Ticket, sent.ticket_id)
        return Received(ticket.id, ticket.ref, "repeated", sent.event_id or 0), inbound
    address = find.normal(find.valid_email(inbound.address))
    met = answer(MET, address=address, rfc_id=inbound.rfc_id, since=clock.now() - SAME_MAIL).all()
    if not met:
        return None, inbound
    said = [row[1:] for row in met if row[1] is not None]
    for message_id, text, ticket_id, ref, event_id in said:
        if text == inbound.message.text and _same_files(message_id, inbound):
            return Received(ticket_id, ref, "repeated", event_id or 0), inbound
    if said:
        inbound = replace(inbound, warnings=(*inbound.warnings, SAME_NAME))
    return here.get_one(Person, met[0][0]), inbound


def _same_files(message_id: int, inbound: Inbound) -> bool:
    """Whether it brought the same files: a scanner's mails have no words and, badly set up, one Message-ID. An attached
    original is not compared, as its head tells the way it came.
    """
    before = {sha256 for sha256, kind in answer(FILES_OF, message=message_id) if kind != ORIGINAL}
    return before == {file.sha256 for file in inbound.files if file.content_type != ORIGINAL}
