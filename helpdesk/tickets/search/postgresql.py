"""The index on PostgreSQL: a tsvector of normalised tokens, one row a message, under a GIN index.

GIN gives all messages of a word or none, in no order, so a common word would cost as much as it has messages. The
newest messages are therefore read first, backwards along their numbers, and a common word fills its page from there. A
word that does not is rare, and GIN has few to give; or the asker sees few tickets, and these are looked through. Each
of the questions holds the asker's scope itself, and those that are asked last look at everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from helpdesk.db import session
from helpdesk.text.plain import Query
from helpdesk.tickets import policy
from helpdesk.tickets.models import Message, Ticket

NEAR, FAR = 4_000, 40_000  # messages read backwards: a millisecond, and ten
FEW = 2_000  # tickets that are looked through one by one
LAST = 2**62  # above every message
INDEX = table("message_search", column("message_id", BigInteger), column("tokens"), column("ticket_id", BigInteger))
States = frozenset[tuple[str, str]]
Hits = list[tuple[int, int]]


def index(message_id: int, ticket_id: int, tokens: str) -> None:
    session().execute(
        text(
            "INSERT INTO message_search (message_id, ticket_id, tokens) "
            "VALUES (:message, :ticket, to_tsvector('simple', :tokens))"
        ),
        {"message": message_id, "tokens": tokens, "ticket": ticket_id},
    )


def remove(message_ids: Sequence[int]) -> None:
    session().execute(delete(INDEX).where(INDEX.c.message_id.in_(message_ids)))


def hits(query: Query, *, states: States, before: int | None, limit: int, tickets: int) -> Hits:
    """(message id, ticket id) of the newest messages that answer the query in these states: `limit` of them, or as many
    as name `tickets` tickets.
    """
    asked: dict[str, Any] = {"query": query.tsquery(), "before": LAST if before is None else before, "limit": limit}
    found = _ask(_newest(states), asked | {"window": NEAR})
    if _enough(found, tickets):
        return found
    if len(found) * FAR >= 2 * tickets * NEAR:  # as dense further back, they are all within reach
        found = _ask(_newest(states), asked | {"window": FAR})
        if _enough(found, tickets):
            return found
    few = (session().scalar(_counted(states), {"most": FEW + 1}) or 0) <= FEW
    return _ask(_of_few_tickets(states) if few else _of_a_rare_word(states), asked)


def _ask(question: Select[Any], asked: dict[str, Any]) -> Hits:
    return [(message, ticket) for message, ticket in session().execute(question, asked)]


def _enough(found: Hits, tickets: int) -> bool:
    return len({ticket for _, ticket in found}) >= tickets


@lru_cache(maxsize=512)
def _newest(states: States) -> Select[Any]:
    """Among the newest messages. The inner LIMIT is what bounds it: the planner must not look for the word itself."""
    newest = (
        select(INDEX.c.message_id, INDEX.c.ticket_id, INDEX.c.tokens)
        .where(_older(INDEX))
        .order_by(INDEX.c.message_id.desc())
        .limit(bindparam("window", type_=BigInteger))
        .subquery("newest")
    )
    return _sorted(
        select(newest.c.message_id, newest.c.ticket_id)
        .join(Ticket, Ticket.id == newest.c.ticket_id)
        .where(newest.c.tokens.op("@@")(_words()), policy.in_states(states)),
        newest.c.message_id,
    )


@lru_cache(maxsize=512)
def _of_a_rare_word(states: States) -> Select[Any]:
    """All that GIN has, newest first; the ticket of each is looked at only until there are enough. The fences keep the
    planner, which does not know how common the word is, from reading all tickets or all message numbers.
    """
    matching = (
        select(INDEX.c.message_id, INDEX.c.ticket_id)
        .where(INDEX.c.tokens.op("@@")(_words()))
        .cte("matching")
        .prefix_with("MATERIALIZED")
    )
    found = select(matching).where(_older(matching)).order_by(matching.c.message_id.desc()).subquery("found")
    seen = select(literal(1)).where(Ticket.id == found.c.ticket_id, policy.in_states(states)).offset(0).lateral("seen")
    return _sorted(select(found.c.message_id, found.c.ticket_id).join(seen, literal(True)), found.c.message_id)


@lru_cache(maxsize=512)
def _of_few_tickets(states: States) -> Select[Any]:
    """Among the messages of the tickets in scope, and of those merged into them, wherever they are themselves. Found
    first and sorted then: else all messages are walked through.
    """
    merged = aliased(Ticket)
    places = union_all(
        select(Ticket.id).where(policy.in_states(states), Ticket.merged_into_id.is_(None)),
        select(merged.id).join(Ticket, Ticket.id == merged.merged_into_id).where(policy.in_states(states)),
    ).subquery("places")
    found = (
        select(INDEX.c.message_id, INDEX.c.ticket_id)
        .join(Message, Message.id == INDEX.c.message_id)
        .join(places, places.c.id == Message.ticket_id)
        .where(INDEX.c.tokens.op("@@")(_words()))
        .cte("found")
        .prefix_with("MATERIALIZED")
    )
    return _sorted(select(found.c.message_id, found.c.ticket_id).where(_older(found)), found.c.message_id)


@lru_cache(maxsize=512)
def _counted(states: States) -> Select[Any]:
    """How many tickets are in scope, counted up to `most`."""
    some = select(literal(1)).select_from(Ticket).where(policy.in_states(states))
    return select(func.count()).select_from(some.limit(bindparam("most", type_=BigInteger)).subquery())


def _sorted(question: Select[Any], message: ColumnElement[Any]) -> Select[Any]:
    return question.order_by(message.desc()).limit(bindparam("limit", type_=BigInteger))


def _words() -> ColumnElement[Any]:
    return cast(bindparam("query", type_=String), TSQUERY)


def _older(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.message_id < bindparam("before", type_=BigInteger)
