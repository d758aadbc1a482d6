"""The rows of the mail channel: what arrived, raw, and how each source fares."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, partial_index


class InboundMail(Base):
    """A mail as it came, kept before anything is parsed. The bytes are the stored file `sha256`."""

    __tablename__ = "inbound_mail"
    __table_args__ = (
        UniqueConstraint("source", "sha256"),
        Index("ix_inbound_mail_status", "status", "id"),
        partial_index("ix_inbound_mail_robots", "received_at", "robot", "source", where="robot <> ''"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))  # name of the source in the workflow file; empty = none matched
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    envelope_from: Mapped[str] = mapped_column(String(320), default="")
    envelope_to: Mapped[str] = mapped_column(Text, default="")
    peer: Mapped[str] = mapped_column(String(60), default="")
    status: Mapped[str] = mapped_column(
        String(12), default="received"
    )  # received filed ignored quarantined waiting spam
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    robot: Mapped[str] = mapped_column(String(16), default="", server_default="")  # what kind of one wrote it, if any
    cleared: Mapped[bool] = mapped_column(default=False, server_default=false())  # an administrator: it is no spam
    rfc_id: Mapped[str | None] = mapped_column(String(500), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MailSource(Base):
    """How a source of the workflow file fares: when it was read, what went wrong last, whether it rests, and which
    worker listens to its mailbox (`listen_until` is that worker's lease).
    """

    __tablename__ = "mail_sources"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    messages: Mapped[int] = mapped_column(default=0)
    backlog: Mapped[int] = mapped_column(default=0)  # about how many waited in the mailbox when it was read last
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    mail_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when mail came last
    error: Mapped[str] = mapped_column(Text, default="")  # of the last try; empty where it went well
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_by: Mapped[str] = mapped_column(String(10), default="")  # person | refused | sign_in
    address_hash: Mapped[str] = mapped_column(String(64), default="")  # of the address that was tried last
    listener: Mapped[str] = mapped_column(String(80), default="")
    listen_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hears_since: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the server tells of new mail by itself


class MailPlace(Base):
    """How far a folder of a source's mailbox was read, in the server's numbers (RFC 3501, 2.3.1.1).

    All up to `last_uid` is stored; all up to `settled_uid` is marked, moved or taken away as well.
    """

    __tablename__ = "mail_places"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    folder: Mapped[str] = mapped_column(String(255), primary_key=True)
    uidvalidity: Mapped[int] = mapped_column(BigInteger)  # all three are of 32 bits without a sign
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    settled_uid: Mapped[int] = mapped_column(BigInteger, default=0)


class MailSeen(Base):
    """A mail of a POP3 mailbox that is stored, by the server's unique id. `stays`: it is too large to be taken away."""

    __tablename__ = "mail_seen"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    uidl: Mapped[str] = mapped_column(String(255), primary_key=True)
    stays: Mapped[bool] = mapped_column(default=False)


class MailRefused(Base):
    """A mail that the server lists and did not give, so many turns long (`refused`)."""

    __tablename__ = "mail_refused"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    mail: Mapped[str] = mapped_column(String(320), primary_key=True)  # as its mailbox knows it
    tries: Mapped[int] = mapped_column(default=0)


class MailDiary(Base):
    """What happened to a source, one thing a row; only the last hundred are kept."""

    __tablename__ = "mail_diary"
    __table_args__ = (Index("ix_mail_diary_source", "source", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))  # one of diary.KINDS
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    number: Mapped[int] = mapped_column(default=0)  # of mails, where it is about some
    detail: Mapped[str] = mapped_column(Text, default="")


class MailSignIn(Base):
    """A mailbox that is signed in at its provider. Both tokens are locked (`sealed`); empty ones are lost. While
    there is a `lease_until`, a worker is renewing them.
    """

    __tablename__ = "mail_sign_ins"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    access: Mapped[str] = mapped_column(Text, default="")
    refresh: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_in_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MailProbe(Base):
    """A mail the desk has sent to the address of one of its own sources, to see that it comes back."""

    __tablename__ = "mail_probes"
    __table_args__ = (Index("ix_mail_probes_source", "source", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    arrived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    arrived_by: Mapped[str] = mapped_column(String(60), default="")  # the way it came in: imap, pop3, pipe, a peer
