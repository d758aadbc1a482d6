"""What a ticket's customer is asked to pay, what came in, and what a provider said was paid.

A new request replaces the old one; what comes in counts towards the one that stands, whoever notes it. A notice of a
provider is kept as it came, once for its id: money is never lost, also where the ticket does not expect any (attacks
96 and 97).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Dialect, ForeignKey, Select, String, Text, bindparam, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, partial_index, session
from helpdesk.tickets.models import Ticket


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as text: money never passes through a float, on either database."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class AskedPayment(Base):
    """A payment that was asked for; open until it is paid or replaced."""

    __tablename__ = "asked_payments"
    __table_args__ = (partial_index("ix_asked_payments_open", "ticket_id", unique=True, where="closed_at IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), unique=True)
    amount: Mapped[Decimal] = mapped_column(Exact)
    currency: Mapped[str] = mapped_column(String(3))
    received: Mapped[Decimal] = mapped_column(Exact, default=Decimal(0))  # so far
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_as: Mapped[str] = mapped_column(String(10), default="")  # paid | replaced

    @property
    def due(self) -> Decimal:
        return self.amount - self.received


class Payment(Base):
    """A payment received: a line of an append-only ledger (same trigger as events)."""

    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), unique=True)
    amount: Mapped[Decimal] = mapped_column(Exact)
    currency: Mapped[str] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(200), default="")
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class PaymentNotice(Base):
    """What a provider told us, once for its id; kept whatever became of it."""

    __tablename__ = "payment_notices"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(Exact)
    currency: Mapped[str] = mapped_column(String(3))
    reference: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[str] = mapped_column(Text, default="")  # empty = in the ledger; else why it is not
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


OPEN: Select[AskedPayment] = select(AskedPayment).where(
    AskedPayment.ticket_id == bindparam("ticket"), AskedPayment.closed_at.is_(None)
)


def asked(ticket: Ticket) -> AskedPayment | None:
    """The payment the ticket's customer is asked for now."""
    return session().scalar(OPEN, {"ticket": ticket.id})


def replace(ticket: Ticket) -> None:
    """What was asked before is asked no more: a new request follows. Part of the transaction at hand."""
    stands = update(AskedPayment).where(AskedPayment.ticket_id == ticket.id, AskedPayment.closed_at.is_(None))
    session().execute(stands.values(closed_at=clock.now(), closed_as="replaced"))


def count(ticket: Ticket, amount: Decimal, currency: str) -> None:
    """Money came: it counts towards what is asked, which is asked no more once all of it is there."""
    newest = {"populate_existing": True}  # the ticket is held; what was read of this before that may be old
    standing = session().scalar(OPEN, {"ticket": ticket.id}, execution_options=newest)
    if standing is None or standing.currency != currency:
        return
    standing.received += amount
    if standing.due <= 0:
        standing.closed_at, standing.closed_as = clock.now(), "paid"
