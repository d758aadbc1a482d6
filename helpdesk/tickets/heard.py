"""A customer's own requests by when they last heard of each: a page at a time for the cabinet and the API.

`Ticket.heard_at` is the hour of the newest event that its requester may know of (`Event.for_customer`) or message that
they may read (`messages.for_requester`). It is written where these are, by `events.append` and `write_message`, and
here where tickets are put together or parted. What the house does among itself moves nothing, and its hour stands
neither in a row nor in the address of the next page (attack 41). Staff's lists go by `Ticket.activity_at`, which counts
notes too.

Settled, so that nobody has to guess:

- Which states customers see is no part of it. Whether an event or a message is for the customer was decided when it
  was written and is never changed; whether they see the ticket now is asked of the file in force, with each page
  (`policy`). So a file that hides a state or shows one changes what is listed at once and leaves no hour to be
  corrected, and a ticket that comes out of hiding stands where it was last heard of: the hour at which it came out is
  the house's own.
- The answer to a request that was merged is read with the one that stays, so that one goes by the newest of all that
  its requester reads there. Merging itself moves nothing, and once a merge is taken back each goes by its own again.
- Only the requester has such a list: whoever is in copy, and colleagues at the same company, see no request of
  somebody else in the cabinet.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, literal, literal_column, select, tuple_

from helpdesk.db import UTCDateTime, session
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Event, Message, Ticket
from helpdesk.tickets.queue import Place


def newest(requests: Select[Ticket], *, limit: int, before: Place | None) -> Sequence[Place]:
    """Which of these tickets come next, and when their requester last heard of each; one question, along their index.

    `requests`: of one person, chosen through the policy. The limit is written into the statement, as in `queue`.
    """
    asked = requests.with_only_columns(Ticket.heard_at, Ticket.id)
    if before:
        start = tuple_(literal(before.at, UTCDateTime), before.id)
        asked = asked.where(tuple_(Ticket.heard_at, Ticket.id) < start)
    in_order = asked.order_by(Ticket.heard_at.desc(), Ticket.id.desc()).limit(literal_column(str(limit)))
    return [Place(*row) for row in session().execute(in_order)]


def joined(ticket: Ticket, into: Ticket) -> None:
    """What the requester was told on the one is read with the other from now on."""
    if ticket.requester_id == into.requester_id:
        into.heard_at = max(into.heard_at, ticket.heard_at)


def parted(ticket: Ticket) -> None:
    """The ticket goes by what was told on itself again, and by what is still merged into it."""
    event = select(func.max(Event.at)).where(Event.ticket_id == ticket.id, Event.for_customer)
    message = select(func.max(Message.created_at)).where(
        Message.ticket_id == ticket.id, for_requester(ticket.requester_id)
    )
    under = select(func.max(Ticket.heard_at)).where(
        Ticket.merged_into_id == ticket.id, Ticket.requester_id == ticket.requester_id
    )
    moments = session().execute(select(*(each.scalar_subquery() for each in (event, message, under)))).one()
    ticket.heard_at = max(at for at in (ticket.created_at, *moments) if at is not None)
