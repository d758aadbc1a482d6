"""Finding tickets by words. One face; SQLite's FTS5 and PostgreSQL's tsvector are fed the same tokens and asked the
same question.

A message is indexed with its own words; the one that opened a ticket also with the ticket's name, subject and
requester.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import selectinload

from helpdesk.db import is_sqlite, session
from helpdesk.people.models import Person
from helpdesk.text import plain
from helpdesk.tickets import in_order, policy
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.search import postgresql, sqlite

MOST_WORDS = 4000  # of one message; enough to find it, and the index stays small
MOST_HITS = 400  # messages looked through for one page of tickets
_WHOLE = select(Message).options(selectinload(Message.attachments))
_OPENING = in_order.oldest(_WHOLE, Message, of=bindparam("ticket", type_=Integer)).limit(1)
_BY_ID = select(Ticket).where(Ticket.id.in_(bindparam("shown", expanding=True)))


def index_message(ticket: Ticket, message_id: int, *, text: str, files: Iterable[str], opening: bool = False) -> None:
    """Add a message, its words and the names of its files, to the index, in the transaction that writes it."""
    words = plain.tokens(text)[:MOST_WORDS]
    for filename in files:
        words += plain.tokens(filename)
    if opening:
        requester = ticket.requester
        about = (ticket.ref, str(ticket.id), ticket.subject, requester.name, *(a.value for a in requester.addresses))
        words = plain.tokens(" ".join(about)) + words
    engine = sqlite if is_sqlite() else postgresql
    engine.index(message_id, ticket.merged_into_id or ticket.id, " ".join(words))


def renamed(ticket: Ticket) -> None:
    """The ticket has another subject: what it began with is found by that now. Part of the transaction at hand."""
    session().flush()
    first = session().scalar(_OPENING, {"ticket": ticket.id})
    if first is not None:
        forget([first.id])
        names = [each.filename for each in first.attachments]
        index_message(ticket, first.id, text=first.text, files=names, opening=True)


def forget(message_ids: Sequence[int]) -> None:
    """These messages are found no more, until they are indexed again. Part of the transaction at hand."""
    (sqlite if is_sqlite() else postgresql).remove(message_ids)


def find(person: Person, text: str, *, limit: int = 50, before: int | None = None) -> tuple[list[Ticket], int | None]:
    """Tickets the person may see that answer `text`, newest mention first, and where the next page begins (None = no
    more).

    The scope is part of the question, so a foreign ticket is neither shown nor counted (attack 44).
    """
    query = plain.query(text)
    states = policy.visible_states(person)
    if not query or not states:
        return [], None
    engine = sqlite if is_sqlite() else postgresql
    hits = engine.hits(query, states=states, before=before, limit=MOST_HITS, tickets=limit + 1)
    newest: dict[int, int] = {}
    for message, ticket_id in hits:
        newest.setdefault(ticket_id, message)
    shown = list(newest)[:limit]
    # The hits are within the scope; asked here once more it would lead SQLite away from the ids.
    found = {ticket.id: ticket for ticket in session().scalars(_BY_ID, {"shown": shown})}
    return [found[each] for each in shown if each in found], _older(hits, list(newest.values()), limit)


def _older(hits: list[tuple[int, int]], newest: list[int], limit: int) -> int | None:
    """Where the next page begins: with the first ticket that had no room, else after all that was looked through."""
    if len(newest) > limit:
        return newest[limit] + 1
    return hits[-1][0] if len(hits) == MOST_HITS else None
