"""Unread marks: who has something new to see on a ticket. Marks of a person, so they need no door."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, literal, select, true
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.db import UTCDateTime, is_sqlite, session
from helpdesk.people.models import Membership, Person
from helpdesk.tickets import policy
from helpdesk.tickets.models import Follower, Ticket, Unread


def mark(ticket: Ticket, *, except_for: int | None) -> None:
    """Mark the ticket unread for those it concerns: its assignee, else its group, else all who see it, unless it is
    finished; and its followers.

    Whom it concerns no more loses the mark: else everybody's list would fill with what others have long since
    answered.
    """
    here = session()
    here.flush()
    concerned = (
        select(Person.id, literal(ticket.id), literal(ticket.activity_at, UTCDateTime))
        .where(policy.staff_who_see(ticket), _concerns(ticket), Person.id != (except_for or 0))
        .order_by(Person.id)
    )
    here.execute(delete(Unread).where(Unread.ticket_id == ticket.id))
    insert = sqlite.insert if is_sqlite(here) else postgresql.insert
    marks = insert(Unread).from_select(["person_id", "ticket_id", "at"], concerned)
    here.execute(marks.on_conflict_do_nothing())  # news of a delivery marks without holding the ticket


def clear(person: Person, ticket_id: int) -> None:
    """The person has seen the ticket. Needs a writing transaction."""
    session().execute(delete(Unread).where(Unread.person_id == person.id, Unread.ticket_id == ticket_id))


def _concerns(ticket: Ticket) -> ColumnElement[bool]:
    follows = Person.id.in_(select(Follower.person_id).where(Follower.ticket_id == ticket.id))
    if ticket.assignee_id is not None:
        return (Person.id == ticket.assignee_id) | follows
    if ticket.group is not None:
        return Person.id.in_(select(Membership.person_id).where(Membership.group == ticket.group)) | follows
    return follows if policy.is_final(ticket) else true()
