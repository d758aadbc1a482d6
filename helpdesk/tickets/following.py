"""Following a ticket: a person's own mark. Followers get the mails meant for them, and the ticket as unread."""

from __future__ import annotations

from sqlalchemy import delete

from helpdesk.db import insert_unless_there, session
from helpdesk.people.models import Person
from helpdesk.tickets.models import Follower


def start(person: Person, ticket_id: int) -> None:
    """Follow the ticket, which the caller loaded through this person. Needs a writing transaction; twice is once."""
    insert_unless_there(Follower, ticket_id=ticket_id, person_id=person.id)


def stop(person: Person, ticket_id: int) -> None:
    """Follow it no longer. Needs a writing transaction."""
    session().execute(delete(Follower).where(Follower.ticket_id == ticket_id, Follower.person_id == person.id))
