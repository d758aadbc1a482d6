"""The demo's catcher: mail that would have left, and text messages of the local twin, are kept here, to be read at
/dev/mail; mail can be answered there.

In the demo it takes everything, even if an outgoing server is set, so that nobody out there is ever written to by a
try.
"""

from __future__ import annotations

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock, files
from helpdesk.db import Base, UTCDateTime, session
from helpdesk.errors import NotFound
from helpdesk.tickets.models import Delivery


class CaughtMail(Base):
    """A mail that was caught. The bytes are the stored file `sha256`."""

    __tablename__ = "caught_mail"
    __table_args__ = (Index("ix_caught_mail_recipient", "recipient", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    sender: Mapped[str] = mapped_column(String(320))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class CaughtText(Base):
    """A text message of the local twin: nobody's telephone rang."""

    __tablename__ = "caught_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    recipient: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


def texts(*, before: int | None = None, limit: int = 50) -> list[CaughtText]:
    """The text messages that were caught, newest first."""
    query = select(CaughtText).order_by(CaughtText.id.desc()).limit(limit)
    if before is not None:
        query = query.where(CaughtText.id < before)
    return list(session().scalars(query))


def keep(raw: bytes) -> str:
    """Put the bytes into the store, before the transaction that names them."""
    return files.store(raw).sha256


def enter(delivery: Delivery, sha256: str, *, sender: str, subject: str) -> None:
    """Note the catch, in the transaction that says the mail is sent: it is caught once, whatever crashes."""
    caught = CaughtMail(
        delivery_id=delivery.id, sha256=sha256, sender=sender, recipient=delivery.recipient, subject=subject[:300]
    )
    session().add(caught)


def newest(*, recipient: str = "", before: int | None = None, limit: int = 50) -> list[CaughtMail]:
    """What was caught, newest first, for one mailbox or all."""
    query = select(CaughtMail).order_by(CaughtMail.id.desc()).limit(limit)
    if recipient:
        query = query.where(CaughtMail.recipient == recipient)
    if before is not None:
        query = query.where(CaughtMail.id < before)
    return list(session().scalars(query))


def boxes(limit: int = 12) -> list[tuple[str, int]]:
    """The recipients written to most lately, and how many mails each has."""
    last = func.max(CaughtMail.id)
    rows = select(CaughtMail.recipient, func.count()).group_by(CaughtMail.recipient).order_by(last.desc()).limit(limit)
    return [(recipient, number) for recipient, number in session().execute(rows)]


def get(number: int) -> tuple[CaughtMail, EmailMessage]:
    """One caught mail and what it says. Raises NotFound."""
    caught = session().get(CaughtMail, number)
    if caught is None:
        raise NotFound("There is no such mail.")
    return caught, email.message_from_bytes(files.read(caught.sha256), policy=email.policy.default)
