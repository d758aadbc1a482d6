"""Holding a ticket until the transaction ends, so that whoever comes next sees what this one did. For both doors."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.util import identity_key

from helpdesk.db import answer, is_sqlite, session
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket

WITH_PEOPLE = (
    select(Ticket)
    .where(Ticket.id == bindparam("ticket", type_=Integer))
    .options(joinedload(Ticket.requester).joinedload(Person.addresses))
    .options(joinedload(Ticket.assignee).joinedload(Person.addresses))
    .options(joinedload(Ticket.tags))
)
"""A ticket with all that its texts and rights ask of it, in one question."""
HELD = select(Ticket.id).where(Ticket.id == bindparam("ticket")).with_for_update(key_share=True)

ALL_HELD = (
    select(Ticket.id)
    .where(Ticket.id.in_(bindparam("tickets", expanding=True)))
    .order_by(Ticket.id)
    .with_for_update(key_share=True)
)


def lock(ticket_id: int) -> Ticket:
    """The ticket with its people, held until the transaction ends; on SQLite the transaction itself is the lock.

    Whoever only adds a row that names the ticket (a delivery's event) does not wait for it: its key is not held.
    """
    here = session()
    held: dict[int, Ticket] = here.info.setdefault("held", {})
    if ticket_id in held:
        return held[ticket_id]
    here.flush()
    if not is_sqlite(here):
        answer(HELD, ticket=ticket_id)
    if known := here.identity_map.get(identity_key(Ticket, ticket_id)):
        here.expire(known)  # what was read before it was held may be old
    ticket = here.scalars(WITH_PEOPLE, {"ticket": ticket_id}).unique().one_or_none()
    if ticket is None:
        raise NotFound(policy.NOT_THERE)
    held[ticket_id] = ticket
    return ticket


def lock_in_order(ticket_ids: Collection[int]) -> None:
    """Hold the rows of several tickets, the lowest number first, so that nobody waits for another in a circle. Whoever
    works with one of them still asks for it by `lock`.
    """
    if ticket_ids and not is_sqlite():
        answer(ALL_HELD, tickets=sorted(ticket_ids))


def hold(ticket: Ticket) -> None:
    """A ticket that this transaction has just made: nobody else can have it, and all of it is known."""
    session().info.setdefault("held", {})[ticket.id] = ticket


def release(ticket: Ticket) -> None:
    """A part of the transaction was taken back, and with it what was known of the ticket: the next `lock` reads it
    anew.
    """
    session().info.get("held", {}).pop(ticket.id, None)
