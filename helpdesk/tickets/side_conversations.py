"""Side conversations: what is asked of third parties beside a ticket's own conversation, and with whom.

Their messages are messages of the ticket that name the conversation; whoever shows, counts or looks up messages for
anybody but staff need not know them: they are internal, always. Written by the two doors only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, answer, session
from helpdesk.people import find
from helpdesk.people.models import Address
from helpdesk.tickets import merged
from helpdesk.tickets.models import Delivery, Message, Ticket

CHAIN = 20  # Message-IDs in References, as for the ticket's own mails


class SideConversation(Base):
    """A thread of its own inside a ticket. It stays with the ticket it began on, whatever that is merged into."""

    __tablename__ = "side_conversations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    subject: Mapped[str] = mapped_column(String(300))
    action: Mapped[str] = mapped_column(String(64))  # of the file, that began it
    last_event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))  # where it stands in the story
    began_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SideParticipant(Base):
    """Somebody outside who is or was in it. Their code to answer with is their own."""

    __tablename__ = "side_participants"
    __table_args__ = (UniqueConstraint("conversation_id", "address", name="uq_side_participants"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("side_conversations.id"))
    address: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(100), default="")  # as they call themselves; a claim
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def of(ticket: Ticket, number: int) -> SideConversation | None:
    """The conversation of this number, if it is one of this ticket or of one merged into it."""
    found = session().get(SideConversation, number)
    return found if found is not None and found.ticket_id in merged.together(ticket) else None


def present(conversation: SideConversation) -> list[SideParticipant]:
    """Who is in it now, in the order they came."""
    return [each for each in everybody(conversation.id) if each.left_at is None]


def everybody(conversation_id: int) -> Sequence[SideParticipant]:
    """Who is or was in it."""
    query = select(SideParticipant).where(SideParticipant.conversation_id == conversation_id)
    return session().scalars(query.order_by(SideParticipant.id)).all()


def gather(conversation: SideConversation, addresses: Iterable[str]) -> list[SideParticipant]:
    """From now on these people are in it, and nobody else. Part of the transaction at hand."""
    here = session()
    known = {each.address: each for each in everybody(conversation.id)}
    wanted = dict.fromkeys(find.normal(each) for each in addresses)
    new = [address for address in wanted if address not in known]
    people = find.by_emails(new)
    for address in new:
        name = people[address].name[:100] if address in people else ""
        known[address] = SideParticipant(conversation_id=conversation.id, address=address, name=name, left_at=None)
        here.add(known[address])
    for address, each in known.items():
        each.left_at = None if address in wanted else each.left_at or clock.now()
    here.flush()
    return [known[address] for address in wanted]


def chain(conversation_id: int, address: str) -> list[str]:
    """The Message-IDs this participant's mail program knows: what they wrote in it, and what we wrote them."""
    found = answer(CHAINED, conversation=conversation_id, address=address)
    return [str(each) for each in reversed(found.scalars().all())]


def known_addresses(but: Collection[str] = ()) -> list[tuple[str, str]]:
    """Whom the desk has written to like this lately: addresses, and what their people call themselves."""
    query = select(SideParticipant.address, SideParticipant.name).order_by(SideParticipant.id.desc()).limit(200)
    named: dict[str, str] = {}
    for address, name in session().execute(query):
        if address not in but:
            named[address] = named.get(address) or name
    return list(named.items())[:50]


_theirs = select(Message.created_at.label("at"), Message.rfc_id.label("id")).where(
    Message.conversation_id == bindparam("conversation"),
    Message.rfc_id.is_not(None),
    Message.author_id.in_(select(Address.person_id).where(Address.value == bindparam("address"))),
)
_ours = select(Delivery.created_at, Delivery.message_id).where(
    Delivery.conversation_id == bindparam("conversation"), Delivery.recipient == bindparam("address")
)
_both = union_all(_theirs, _ours).subquery()
CHAINED = select(_both.c.id).order_by(_both.c.at.desc(), _both.c.id.desc()).limit(CHAIN)
