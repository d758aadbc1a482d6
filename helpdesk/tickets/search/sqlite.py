"""The index on SQLite: an FTS5 table of normalised tokens, one row a message."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, column, delete, select, table, text

from helpdesk.db import answer, session
from helpdesk.text.plain import Query
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket

LAST = 2**62  # above every message
States = frozenset[tuple[str, str]]
Hits = list[tuple[int, int]]
INDEX = table("message_search", column("rowid"), column("tokens"), column("ticket_id"))
ADD = text("INSERT INTO message_search (rowid, tokens, ticket_id) VALUES (:message, :tokens, :ticket)")


def index(message_id: int, ticket_id: int, tokens: str) -> None:
    answer(ADD, message=message_id, tokens=tokens, ticket=ticket_id)


def remove(message_ids: Sequence[int]) -> None:
    session().execute(delete(INDEX).where(INDEX.c.rowid.in_(message_ids)))


def hits(query: Query, *, states: States, before: int | None, limit: int, tickets: int) -> Hits:
    """(message id, ticket id) of the newest `limit` messages that answer the query in these states.

    FTS5 gives them newest first and stops when it is told to, so nobody need count `tickets`.
    """
    asked = {"query": query.fts5(), "before": LAST if before is None else before, "limit": limit}
    return [(message, ticket) for message, ticket in session().execute(_matching(states), asked)]


@lru_cache(maxsize=512)
def _matching(states: States) -> Select[Any]:
    return (
        select(INDEX.c.rowid, INDEX.c.ticket_id)
        .join(Ticket, Ticket.id == INDEX.c.ticket_id)
        .where(
            text("message_search MATCH :query"),
            INDEX.c.rowid < bindparam("before", type_=BigInteger),
            policy.in_states(states),
        )
        .order_by(INDEX.c.rowid.desc())
        .limit(bindparam("limit", type_=BigInteger))
    )
