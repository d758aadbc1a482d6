"""The rows of the mail channel: what arrived, raw, and how each source fares."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime


class InboundMail(Base):
    """A mail as it came, kept before anything is parsed. The bytes are the stored file `sha256`."""

    __tablename__ = "inbound_mail"
    __table_args__ = (UniqueConstraint("source", "sha256"), Index("ix_inbound_mail_status", "status", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))  # name of the source in the workflow file; empty = none matched
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    envelope_from: Mapped[str] = mapped_column(String(320), default="")
    envelope_to: Mapped[str] = mapped_column(Text, default="")
    peer: Mapped[str] = mapped_column(String(60), default="")
    status: Mapped[str] = mapped_column(String(12), default="received")  # received filed ignored quarantined waiting
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    rfc_id: Mapped[str | None] = mapped_column(String(500), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MailSource(Base):
    """How a source of the workflow file fares: when it was read, how far, and what went wrong last."""

    __tablename__ = "mail_sources"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)  # both are of 32 bits without a sign
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    messages: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(Text, default="")  # of the last try; empty where it went well
