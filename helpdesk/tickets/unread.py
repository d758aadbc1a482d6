"""Unread marks: who has something new to see on a ticket. Marks of a person, so they need no door."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from sqlalchemy import ColumnElement, Executable, Integer, String, bindparam, delete, select, true

from helpdesk.db import UTCDateTime, answer, is_sqlite, session, upsert
from helpdesk.people.models import Membership, Person
from helpdesk.tickets import merged, policy
from helpdesk.tickets.models import Follower, Ticket, Unread


def mark(ticket: Ticket, *, except_for: int | None, is_new: bool = False) -> None:
    """Mark the ticket unread for those it concerns: its assignee, else its group, else all who see it, unless it is
    finished; and its followers.

    Whom it concerns no more loses the mark: else everybody's list would fill with what others have long since
    answered. Nobody can have one of a ticket that `is_new`. What concerns a merged ticket is to be seen on the one
    that stays.
    """
    ticket = merged.stays(ticket)
    if not is_new:
        answer(MARKS_OF, ticket=ticket.id)
    seeing = policy.who_see(ticket)
    if seeing is None:
        return
    if ticket.assignee_id is not None:
        concerns = "assignee"
    elif ticket.group is not None:
        concerns = "group"
    else:
        concerns = "followers" if policy.is_final(ticket) else "everybody"
    answer(
        _marks(seeing, concerns, is_sqlite()),
        ticket=ticket.id,
        at=ticket.activity_at,
        assignee=ticket.assignee_id,
        group=ticket.group,
        except_for=except_for or 0,
    )


def clear(person: Person, ticket_id: int) -> None:
    """The person has seen the ticket. Needs a writing transaction."""
    session().execute(delete(Unread).where(Unread.person_id == person.id, Unread.ticket_id == ticket_id))


def clear_all(ticket_id: int) -> None:
    """Nobody has this ticket to read: it is part of another one."""
    answer(MARKS_OF, ticket=ticket_id)


MARKS_OF = delete(Unread).where(Unread.ticket_id == bindparam("ticket"))
FOLLOWS = Person.id.in_(select(Follower.person_id).where(Follower.ticket_id == bindparam("ticket")))
CONCERNS: Mapping[str, ColumnElement[bool]] = {
    "assignee": (Person.id == bindparam("assignee", type_=Integer)) | FOLLOWS,
    "group": Person.id.in_(select(Membership.person_id).where(Membership.group == bindparam("group", type_=String)))
    | FOLLOWS,
    "followers": FOLLOWS,
    "everybody": true(),
}


@lru_cache(maxsize=512)
def _marks(seeing: frozenset[str] | Literal["staff"], concerns: str, sqlite_: bool) -> Executable:
    concerned = (
        select(Person.id, bindparam("ticket", type_=Integer), bindparam("at", type_=UTCDateTime))
        .where(policy.staff_with(seeing), CONCERNS[concerns], Person.id != bindparam("except_for"))
        .order_by(Person.id)
    )
    marks = upsert(Unread, on_sqlite=sqlite_)
    # Whoever does not hold the ticket may find marks that came in between.
    return marks.from_select(["person_id", "ticket_id", "at"], concerned).on_conflict_do_nothing()
