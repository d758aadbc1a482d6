"""A form has one effect however often it is sent (attack 96): the number that it brings along once, and what was done
under it. Called by the door alone, in its transaction.
"""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from helpdesk.db import insert, session
from helpdesk.errors import NotPossible
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Event, Submission, Ticket

SENT_BEFORE = "This form was sent before, for something else. Open the page again and send it once more."


def earlier(nonce: str, ticket: Ticket, actor: Actor) -> Happened | None:
    """What an earlier sending of the same form by the same person did. Raises NotPossible where it did something else.

    A form's number belongs to one ticket and one person; a page that brings it back for others was made by hand.
    """
    found = session().get(Submission, nonce)
    if found is None:
        return None
    ran = session().get(Event, found.event_id) if found.event_id else None
    if ran is None or ran.ticket_id != ticket.id or ran.actor_id != actor.person_id:
        raise NotPossible(SENT_BEFORE)
    return Happened(ran.id, ran.at)


def note(nonce: str, *, ticket_id: int, event_id: int) -> None:
    """This is what the sending did. Raises NotPossible where the number was used meanwhile."""
    try:
        insert(Submission, nonce=nonce, ticket_id=ticket_id, event_id=event_id)
    except IntegrityError as sent:  # for another ticket, at this very moment
        raise NotPossible(SENT_BEFORE) from sent
