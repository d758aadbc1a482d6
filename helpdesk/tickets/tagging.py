"""The tags of a ticket: reading them from what somebody typed, changing them, and the words that are used already."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Integer, Text, bindparam, func, literal, select
from sqlalchemy.orm import attributes

from helpdesk.db import answer, session
from helpdesk.tickets.models import Ticket, TicketTag

OFFERED = 300  # tags that a form suggests


def put(ticket: Ticket, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Give the ticket these tags and no others. Gives what was added and taken, for the history. Needs the ticket to be
    held.
    """
    here = session()
    before = {tag.name: tag for tag in ticket.tags}
    added = [name for name in wanted if name not in before]
    taken = [name for name in before if name not in wanted]
    for name in taken:
        here.delete(before[name])
    made = [TicketTag(ticket_id=ticket.id, name=name) for name in added]
    here.add_all(made)
    here.flush()
    kept = [tag for name, tag in before.items() if name in wanted]
    attributes.set_committed_value(ticket, "tags", sorted([*kept, *made], key=lambda tag: tag.name))
    return {"added": added, "taken": taken} if added or taken else {}


def in_use() -> list[str]:
    """The tags that tickets have, by name. Each costs one look into the index, however many tickets have it."""
    return [name for name in answer(IN_USE, most=OFFERED).scalars() if name is not None]


_FIRST = select(func.min(TicketTag.name).label("name"), literal(1).label("place")).cte("used", recursive=True)
_NEXT = select(func.min(TicketTag.name)).where(TicketTag.name > _FIRST.c.name).correlate(_FIRST).scalar_subquery()
_WALK = _FIRST.union_all(
    select(_NEXT.cast(Text), _FIRST.c.place + 1).where(
        _FIRST.c.name.is_not(None), _FIRST.c.place < bindparam("most", type_=Integer)
    )
)
IN_USE = select(_WALK.c.name).where(_WALK.c.name.is_not(None)).order_by(_WALK.c.name)
