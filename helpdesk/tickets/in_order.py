"""The rows of one ticket, newest or oldest first, as whoever shows or looks through a few of them asks for them.

Not `ticket_id = … ORDER BY id`: of a ticket that it believes to have a large part of all rows, PostgreSQL would look
for them among everybody's, however old they are. The pair is compared and ordered by: only the index on both fits it.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Select, literal, tuple_

Question = TypeVar("Question", bound=Select[*tuple[Any, ...]])
Number = int | BindParameter[int]

NEVER = 2**63 - 1  # a row later than all


def newest(query: Question, rows: Any, *, of: Number, before: Number = NEVER) -> Question:
    """The query for those of these rows that belong to this ticket, the newest first, from before an id. `rows`: a
    model with an index on its `ticket_id` and `id`.
    """
    pair = tuple_(rows.ticket_id, rows.id)
    within = (rows.ticket_id >= of, pair < tuple_(of, _place(before)))
    return query.where(*within).order_by(rows.ticket_id.desc(), rows.id.desc())


def oldest(query: Question, rows: Any, *, of: Number, after: Number = 0) -> Question:
    """The same, the oldest first, from after an id."""
    pair = tuple_(rows.ticket_id, rows.id)
    within = (rows.ticket_id <= of, pair > tuple_(of, _place(after)))
    return query.where(*within).order_by(rows.ticket_id, rows.id)


def sorted_by(number: ColumnElement[int] | Any) -> ColumnElement[int]:
    """An order by this column for which its own index is no help, so that rows are found by what they belong to and
    sorted then: for those of several tickets, or of a person.
    """
    return number + literal(0, BigInteger)


def _place(number: Number) -> ColumnElement[int]:
    return literal(number, BigInteger) if isinstance(number, int) else number
