"""Making the search index anew from the messages: after rows came from elsewhere, or when it was damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.db import session, writing
from helpdesk.tickets import search
from helpdesk.tickets.models import Message, Ticket

BATCH = 500  # messages a transaction

Track = Callable[[Iterable[Any], str, int], Iterable[Any]]


def rebuild(*, track: Track = lambda things, label, length: things) -> int:
    """Index every message again; gives how many there are. People can work meanwhile, and find less until then."""
    with writing() as here:
        here.execute(text("DELETE FROM message_search"))
    total = session().scalar(select(func.count()).select_from(Message)) or 0
    for _ in track(_batches(), "Search index", -(-total // BATCH)):
        pass
    return total


def _batches() -> Iterator[int]:
    """Index batch after batch; gives the last message of each."""
    last = 0
    while True:
        with writing() as here:
            query = select(Message).where(Message.id > last).order_by(Message.id).limit(BATCH)
            messages = here.scalars(query.options(selectinload(Message.attachments))).all()
            if not messages:
                return
            wanted = {message.ticket_id for message in messages}
            whole = select(Ticket).where(Ticket.id.in_(wanted)).options(joinedload(Ticket.requester))
            tickets = {ticket.id: ticket for ticket in here.scalars(whole)}
            first = select(func.min(Message.id)).where(Message.ticket_id.in_(wanted)).group_by(Message.ticket_id)
            openings = set(here.scalars(first))
            search.forget([message.id for message in messages])  # what was written meanwhile is there already
            for message in messages:
                search.index_message(
                    tickets[message.ticket_id],
                    message.id,
                    text=message.text,
                    files=[each.filename for each in message.attachments],
                    opening=message.id in openings,
                )
            last = messages[-1].id
            here.flush()
            here.expunge_all()
        yield last
