"""Following a ticket: a person's own mark. Followers get the mails meant for them, and the ticket as unread."""

from __future__ import annotations

from sqlalchemy import delete

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets.models import Follower


def start(person: Person, ticket_id: int) -> None:
    """Follow the ticket, which the caller loaded through this person. Needs a writing transaction; twice is once."""
    here = session()
    if here.get(Follower, (ticket_id, person.id)) is None:
        here.add(Follower(ticket_id=ticket_id, person_id=person.id))


def stop(person: Person, ticket_id: int) -> None:
    """Follow it no longer. Needs a writing transaction."""
    session().execute(delete(Follower).where(Follower.ticket_id == ticket_id, Follower.person_id == person.id))
