"""Unread marks: who has something new to see on a ticket. Marks of a person, so they need no door."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.db import is_sqlite, session
from helpdesk.people.models import Membership, Person, PersonRole
from helpdesk.tickets import policy
from helpdesk.tickets.models import Follower, Ticket, Unread


def mark(ticket: Ticket, *, except_for: int | None) -> None:
    """Mark the ticket unread for those it concerns: its assignee, else its group, else all who see it; and its followers."""
    concerned = {
        person.id for person in _concerned(ticket) if person.id != except_for and policy.sees(person, ticket)
    }
    if not concerned:
        return
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    rows = [{"person_id": each, "ticket_id": ticket.id, "at": ticket.activity_at} for each in sorted(concerned)]
    statement = insert(Unread).values(rows)
    session().execute(
        statement.on_conflict_do_update(
            index_elements=[Unread.person_id, Unread.ticket_id], set_={"at": statement.excluded.at}
        )
    )


def clear(person: Person, ticket_id: int) -> None:
    """The person has seen the ticket. Needs a writing transaction."""
    session().execute(delete(Unread).where(Unread.person_id == person.id, Unread.ticket_id == ticket_id))


def _concerned(ticket: Ticket) -> list[Person]:
    here = session()
    followers = select(Follower.person_id).where(Follower.ticket_id == ticket.id)
    if ticket.assignee_id is not None:
        who = (Person.id == ticket.assignee_id) | Person.id.in_(followers)
    elif ticket.group is not None:
        members = select(Membership.person_id).where(Membership.group == ticket.group)
        who = Person.id.in_(members) | Person.id.in_(followers)
    else:
        roles, groups = select(PersonRole.person_id), select(Membership.person_id)
        who = Person.id.in_(roles) | Person.id.in_(groups)
    return list(here.scalars(select(Person).where(who, Person.disabled_at.is_(None))))
