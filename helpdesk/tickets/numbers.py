"""Ticket numbers: one sequence for the whole desk. A number is taken before the ticket is written and never given
twice.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, is_sqlite, session


class Counter(Base):
    """The last number given, on SQLite, where writers come one by one. PostgreSQL has the sequence `ticket_numbers`."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def take() -> int:
    """The next ticket number. Needs a writing transaction."""
    if is_sqlite():
        taken = text("UPDATE counters SET value = value + 1 WHERE name = 'tickets' RETURNING value")
    else:
        taken = text("SELECT nextval('ticket_numbers')")
    return int(session().execute(taken).scalar_one())
