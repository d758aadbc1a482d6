"""Merged tickets: a ticket that was merged keeps its rows and its name, and is read with the one that stays.

Whoever shows a conversation or hands out what belongs to it asks here which tickets' messages those are. Merges are
flat: the one that stays is never merged itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select, text, update

from helpdesk.db import answer, is_sqlite, session
from helpdesk.people.models import Person
from helpdesk.tickets.models import Follower, Message, Ticket

INDEXED = {
    True: text(
        "UPDATE message_search SET ticket_id = :to WHERE rowid IN (SELECT id FROM messages WHERE ticket_id = :of)"
    ),
    False: text(
        "UPDATE message_search SET ticket_id = :to WHERE message_id IN (SELECT id FROM messages WHERE ticket_id = :of)"
    ),
}  # by whether it is SQLite


def belongs(ticket: Ticket) -> ColumnElement[bool]:
    """The condition that a message is read on this ticket's page by staff: its own, or of one merged into it."""
    return or_(Message.ticket_id == ticket.id, Message.ticket_id.in_(_merged_into(ticket)))


def together(ticket: Ticket) -> list[int]:
    """The ids of this ticket and of those merged into it, for a list of their messages: with the question for them
    within its own, a database may look through the messages of everybody.
    """
    return [ticket.id, *under(ticket.id)]


def told(ticket: Ticket, person: Person) -> Select[int]:
    """The ids of the tickets whose messages their customer reads with this one: only their own requests, whatever staff
    put together (attack 52).
    """
    mine = or_(Ticket.id == ticket.id, Ticket.merged_into_id == ticket.id)
    return select(Ticket.id).where(mine, Ticket.requester_id == person.id)


def stays(ticket: Ticket) -> Ticket:
    """The ticket that goes on for this one: itself, or the one it was merged into."""
    return session().get_one(Ticket, ticket.merged_into_id) if ticket.merged_into_id else ticket


def put(ids: Iterable[int], into: int | None) -> None:
    """Mark these tickets as merged `into` another, or as tickets of their own; search goes by it. Part of the
    transaction at hand.
    """
    session().flush()
    for each in ids:
        answer(PUT, ticket=each, into=into)
        answer(INDEXED[is_sqlite()], of=each, to=into or each)


def under(ticket_id: int) -> list[int]:
    """The tickets merged into this one."""
    return list(answer(UNDER, ticket=ticket_id).scalars())


def follow_too(ticket_id: int, other: int) -> list[int]:
    """Whoever follows the one follows the other too. Gives those who did not before."""
    here = session()
    already = set(here.scalars(select(Follower.person_id).where(Follower.ticket_id == other)))
    theirs = set(here.scalars(select(Follower.person_id).where(Follower.ticket_id == ticket_id)))
    new = sorted(theirs - already)
    here.add_all(Follower(ticket_id=other, person_id=each) for each in new)
    return new


def follow_no_more(ticket_id: int, people: Iterable[int]) -> None:
    session().execute(delete(Follower).where(Follower.ticket_id == ticket_id, Follower.person_id.in_(list(people))))


def _merged_into(ticket: Ticket) -> Select[int]:
    return select(Ticket.id).where(Ticket.merged_into_id == ticket.id)


PUT = update(Ticket).where(Ticket.id == bindparam("ticket")).values(merged_into_id=bindparam("into"))
UNDER = select(Ticket.id).where(Ticket.merged_into_id == bindparam("ticket")).order_by(Ticket.id)
