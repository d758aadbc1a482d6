"""Ticket numbers: one sequence for the whole desk. A number is taken before the ticket is written and never given
twice.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, answer, is_sqlite

NEXT_ON_SQLITE = text("UPDATE counters SET value = value + 1 WHERE name = 'tickets' RETURNING value")
NEXT_ON_POSTGRESQL = text("SELECT nextval('ticket_numbers')")


class Counter(Base):
    """The last number given, on SQLite, where writers come one by one. PostgreSQL has the sequence `ticket_numbers`."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def take() -> int:
    """The next ticket number. Needs a writing transaction."""
    return int(answer(NEXT_ON_SQLITE if is_sqlite() else NEXT_ON_POSTGRESQL).scalar_one())
