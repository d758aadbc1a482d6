"""A customer's own requests by when they last heard of each: a page at a time for the cabinet and the API.

What the house does among itself moves nothing here, and its hour stands neither in a row nor in the address of the next
page (attack 41). Staff's lists go by `Ticket.activity_at`, which counts notes too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_

from helpdesk.db import UTCDateTime, session
from helpdesk.tickets.models import Event, Ticket
from helpdesk.tickets.queue import Place


def newest(requests: Select[Ticket], *, limit: int, before: Place | None) -> Sequence[Place]:
    """Which of these tickets come next, and when their requester last heard of each; one question.

    `requests`: of one person, chosen through the policy. A person's own are few enough to look at each.
    """
    at = _heard()
    asked = requests.with_only_columns(at, Ticket.id)
    if before:
        asked = asked.where(tuple_(at, Ticket.id) < tuple_(literal(before.at, UTCDateTime), before.id))
    found = session().execute(asked.order_by(at.desc(), Ticket.id.desc()).limit(limit))
    return [Place(*row) for row in found]


def _heard() -> ColumnElement[datetime]:
    """The hour of the newest event that the requester may know of."""
    last = select(Event.at).where(Event.ticket_id == Ticket.id, Event.for_customer).order_by(Event.id.desc()).limit(1)
    return func.coalesce(last.correlate(Ticket).scalar_subquery(), Ticket.created_at, type_=UTCDateTime())
