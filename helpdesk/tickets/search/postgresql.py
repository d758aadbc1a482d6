"""The index on PostgreSQL: a tsvector of normalised tokens, one row a message, under a GIN index."""

from __future__ import annotations

from sqlalchemy import ColumnElement, column, select, table, text

from helpdesk.db import session
from helpdesk.text.plain import Query
from helpdesk.tickets.models import Ticket

INDEX = table("message_search", column("message_id"), column("tokens"), column("ticket_id"))


def index(message_id: int, ticket_id: int, tokens: str) -> None:
    session().execute(
        text(
            "INSERT INTO message_search (message_id, ticket_id, tokens) "
            "VALUES (:message, :ticket, to_tsvector('simple', :tokens))"
        ),
        {"message": message_id, "tokens": tokens, "ticket": ticket_id},
    )


def hits(query: Query, *, scope: ColumnElement[bool], before: int | None, limit: int) -> list[tuple[int, int]]:
    """(message id, ticket id) of the newest `limit` messages that answer the query within the scope.

    The matching is materialised first: left to itself, the planner walks all messages backwards for a rare word.
    """
    matching = select(INDEX.c.message_id, INDEX.c.ticket_id).where(
        text("tokens @@ CAST(:query AS tsquery)").bindparams(query=query.tsquery())
    )
    if before is not None:
        matching = matching.where(INDEX.c.message_id < before)
    found = matching.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    asked = (
        select(found.c.message_id, found.c.ticket_id)
        .join(Ticket, Ticket.id == found.c.ticket_id)
        .where(scope)
        .order_by(found.c.message_id.desc())
        .limit(limit)
    )
    return [(message, ticket) for message, ticket in session().execute(asked)]
