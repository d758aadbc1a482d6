"""The index on SQLite: an FTS5 table of normalised tokens, one row a message."""

from __future__ import annotations

from sqlalchemy import ColumnElement, column, select, table, text

from helpdesk.db import session
from helpdesk.text.plain import Query
from helpdesk.tickets.models import Ticket

INDEX = table("message_search", column("rowid"), column("tokens"), column("ticket_id"))


def index(message_id: int, ticket_id: int, tokens: str) -> None:
    session().execute(
        text("INSERT INTO message_search (rowid, tokens, ticket_id) VALUES (:message, :tokens, :ticket)"),
        {"message": message_id, "tokens": tokens, "ticket": ticket_id},
    )


def hits(query: Query, *, scope: ColumnElement[bool], before: int | None, limit: int) -> list[tuple[int, int]]:
    """(message id, ticket id) of the newest `limit` messages that answer the query within the scope."""
    asked = (
        select(INDEX.c.rowid, INDEX.c.ticket_id)
        .join(Ticket, Ticket.id == INDEX.c.ticket_id)
        .where(text("message_search MATCH :query").bindparams(query=query.fts5()), scope)
        .order_by(INDEX.c.rowid.desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(INDEX.c.rowid < before)
    return [(message, ticket) for message, ticket in session().execute(asked)]
