"""Finding tickets by words. One face; SQLite's FTS5 and PostgreSQL's tsvector are fed the same tokens and asked the same question.

A message is indexed with its own words; the first one of a ticket also with its name, subject and the requester's names.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.db import is_sqlite
from helpdesk.text import plain
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.search import postgresql, sqlite

MOST_WORDS = 4000  # of one message; enough to find it, and the index stays small


def index_message(ticket: Ticket, message: Message) -> None:
    """Add a message to the index, in the transaction that writes it."""
    words = plain.tokens(message.text)[:MOST_WORDS]
    for attachment in message.attachments:
        words += plain.tokens(attachment.filename)
    _index(message.id, ticket.id, words)


def index_ticket(ticket: Ticket, message: Message) -> None:
    """Add the ticket's own words (name, subject, requester) under its first message."""
    requester = ticket.requester
    about = [ticket.ref, str(ticket.id), ticket.subject, requester.name, *(each.value for each in requester.addresses)]
    _index(message.id, ticket.id, plain.tokens(" ".join(about)) + plain.tokens(message.text)[:MOST_WORDS])


def matches(text: str, *, limit: int) -> Sequence[int]:
    """Ids of tickets that answer the query, newest message first, at most `limit`. Knows nothing of rights: join it with a scope."""
    query = plain.query(text)
    if not query:
        return ()
    return sqlite.matches(query, limit=limit) if is_sqlite() else postgresql.matches(query, limit=limit)


def _index(message_id: int, ticket_id: int, words: list[str]) -> None:
    engine = sqlite if is_sqlite() else postgresql
    engine.index(message_id, ticket_id, " ".join(words))
