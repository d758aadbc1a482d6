"""The rows of a ticket. Written through the two doors only (`intake.receive`, `actions.perform`).

Lists are read newest first by (`activity_at`, `id`) within a state, so every index ends in these two.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, partial_index
from helpdesk.people.models import Person

# Lists are walked along these. They end in the mark of a merged ticket, passed over without a look at the row.
_WALK = ("workflow", "state", "activity_at", "id", "merged_into_id")


class Ticket(Base):
    """A request and where it stands. `id` is its number, for the whole desk and for life."""

    __tablename__ = "tickets"
    __table_args__ = (
        # With the moment of entering, whoever asks how long tickets have been somewhere looks at no row either.
        Index("ix_tickets_queue", *_WALK, "entered_at"),
        # Partial, so that SQLite has no reason to walk them for tickets that nobody has.
        partial_index("ix_tickets_assignee", "assignee_id", *_WALK, where="assignee_id IS NOT NULL"),
        partial_index("ix_tickets_group", "group_name", *_WALK, where="group_name IS NOT NULL"),
        partial_index("ix_tickets_unassigned", *_WALK, where="assignee_id IS NULL AND group_name IS NULL"),
        partial_index("ix_tickets_due", "due_at", "id", where="due_at IS NOT NULL"),
        Index("ix_tickets_requester", "requester_id", "activity_at", "id"),
        # A customer's own list. What they may not see and what is merged is passed over without a look at the row.
        Index("ix_tickets_heard", "requester_id", "heard_at", "id", "workflow", "state", "merged_into_id"),
        partial_index("ix_tickets_merged", "merged_into_id", where="merged_into_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ref: Mapped[str] = mapped_column(String(60), unique=True)
    workflow: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(300), default="")
    requester_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    group: Mapped[str | None] = mapped_column("group_name", String(64))
    priority: Mapped[str] = mapped_column(String(20), default="normal")
    source: Mapped[str] = mapped_column(String(64), default="")
    channel: Mapped[str] = mapped_column(String(20), default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    version: Mapped[int] = mapped_column(default=1)  # counts every change; a page drawn before the last one is stale
    requester_verified: Mapped[bool] = mapped_column(default=False)  # mail proves nobody; a mailed link or sign-in does
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())  # somebody is or was seen in copy
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    activity_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    heard_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)  # by its requester: see `tickets.heard`
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)  # when it came into its state
    # What was promised: see `actions.promises`.
    promised: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    due_first_response: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_resolution: Mapped[datetime | None] = mapped_column(UTCDateTime)
    first_response_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the first mail to the customer from us
    sla_paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # since when the clocks stand
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the next promise whose clock runs
    at_risk: Mapped[bool] = mapped_column(default=False)  # it has been warned of
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))  # never a ticket that is merged itself
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))

    requester: Mapped[Person] = relationship(foreign_keys=requester_id, lazy="raise")
    assignee: Mapped[Person | None] = relationship(foreign_keys=assignee_id, lazy="raise")
    tags: Mapped[list[TicketTag]] = relationship(lazy="raise", order_by="TicketTag.name")
    merged: Mapped[list[Ticket]] = relationship(
        lazy="raise", foreign_keys=merged_into_id, order_by="Ticket.id", viewonly=True
    )
    survivor: Mapped[Ticket | None] = relationship(
        lazy="raise", foreign_keys=merged_into_id, remote_side=id, viewonly=True
    )
    origin: Mapped[Ticket | None] = relationship(
        lazy="raise", foreign_keys=split_from_id, remote_side=id, viewonly=True
    )

    def __repr__(self) -> str:
        return f"<Ticket {self.ref} {self.state}>"


class Event(Base):
    """What happened, appended and never changed: a trigger in the database refuses both update and delete."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_ticket", "ticket_id", "id"),
        # When somebody last worked; what customers and the desk itself do costs it nothing.
        partial_index("ix_events_staff", "actor_id", "id", where="actor_kind = 'staff'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # opened | ran | filed | refused | delivery | moved | stopped | routed; of a mail that left: reported; of an
    # approval: voted | asked; of a promise: warned | breached; of a merge, on the ticket that stays: joined |
    # parted; of a side conversation: answered; of who is in copy: copied
    kind: Mapped[str] = mapped_column(String(20))
    workflow: Mapped[str | None] = mapped_column(String(64))  # where it happened; a ticket may have moved since
    action: Mapped[str | None] = mapped_column(String(64))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    actor_kind: Mapped[str] = mapped_column(String(10))  # staff | customer | other | system
    from_state: Mapped[str | None] = mapped_column(String(64))
    to_state: Mapped[str | None] = mapped_column(String(64))
    for_customer: Mapped[bool] = mapped_column(default=False)  # whether the requester may see that it happened
    version: Mapped[int] = mapped_column(default=0)  # the ticket's version after it
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    actor: Mapped[Person | None] = relationship(lazy="raise")


class Message(Base):
    """Something said about a ticket. `audience` decides, once and for all, whether the customer may see it."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_ticket", "ticket_id", "id"),
        partial_index("ix_messages_rfc_id", "rfc_id", where="rfc_id IS NOT NULL"),
        partial_index("ix_messages_conversation", "conversation_id", where="conversation_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    author_kind: Mapped[str] = mapped_column(String(10))  # staff | customer | other | system
    audience: Mapped[str] = mapped_column(String(10))  # public | internal
    channel: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text, default="")  # without quotes and signature
    html: Mapped[str] = mapped_column(Text, default="")  # as `text.html.clean` left it; empty when plain
    quoted: Mapped[str] = mapped_column(Text, default="")  # what was cut from the text, one click away
    rfc_id: Mapped[str | None] = mapped_column(String(500))  # Message-ID of the mail it came by
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_mail.id"))
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))  # of a ticket that was split off
    # In which side conversation it was said, if in one; then it is internal, whoever wrote it (attack 39).
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("side_conversations.id"))
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)  # sentences for staff: a differing Reply-To, …
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    author: Mapped[Person | None] = relationship(lazy="raise")
    attachments: Mapped[list[Attachment]] = relationship(lazy="raise", order_by="Attachment.id")


class Attachment(Base):
    """A file of a message. The bytes live in the file store under `sha256`; the name given is only shown."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    inline: Mapped[bool] = mapped_column(default=False)
    content_id: Mapped[str] = mapped_column(String(255), default="")


class FieldValue(Base):
    """A value of a field the workflow file names. `value` is its canonical text; the keys are for search and order."""

    __tablename__ = "field_values"
    __table_args__ = (
        Index("ix_field_values_text", "name", "text_key", "ticket_id"),
        Index("ix_field_values_number", "name", "number_key", "ticket_id"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    text_key: Mapped[str] = mapped_column(String(200), default="")
    number_key: Mapped[float | None] = mapped_column(Float)
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who said so last; none: the desk itself


class TicketTag(Base):
    __tablename__ = "ticket_tags"
    __table_args__ = (Index("ix_ticket_tags_name", "name", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)


class Follower(Base):
    """Somebody who wants to hear of every action on a ticket."""

    __tablename__ = "followers"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class Unread(Base):
    """There is something on this ticket the person has not seen. The row goes when they open it."""

    __tablename__ = "unread_marks"
    __table_args__ = (Index("ix_unread_marks_newest", "person_id", "at", "ticket_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Timer(Base):
    """Something that happens by itself when `due_at` comes: what `tickets.due` sets and `helpdesk.timers` runs."""

    __tablename__ = "timers"
    __table_args__ = (Index("ix_timers_due", "due_at", "rank", "id"), Index("ix_timers_ticket", "ticket_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(16), default="timer")  # approval | sla | timer | overflow
    rank: Mapped[int] = mapped_column(default=2)  # which goes first of what is due at the same moment
    action: Mapped[str] = mapped_column(String(64))  # what is to happen, in the words of the kind
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    length: Mapped[str] = mapped_column(String(20), default="")  # from one run to the next, as the file writes it
    runs_left: Mapped[int] = mapped_column(default=1)


class Delivery(Base):
    """Something on its way out, written in the transaction that caused it, made and sent by the worker: a mail, a text
    message, or a call of a webhook.

    `frozen` holds all the worker needs, as `outbox.post`, `outbox.text` or `outbox.call` writes it. `recipient` is an
    address, a number or the webhook's name; `message_id` names it for the other side, the same on each try.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_ticket", "ticket_id", "id"),
        Index("ix_deliveries_event", "ticket_id", "event_id"),
        Index("ix_deliveries_status", "status", "id"),
        partial_index("ix_deliveries_source", "source", "status", "id", where="status <> 'sent'"),
        Index("ix_deliveries_recipient", "recipient", "created_at"),
        partial_index("ix_deliveries_automatic", "created_at", where="automatic", sqlite="automatic = 1"),
        partial_index("ix_deliveries_conversation", "conversation_id", where="conversation_id IS NOT NULL"),
        partial_index("ix_deliveries_mailbox", "mailbox", "created_at", where="mailbox IS NOT NULL"),
        partial_index("ix_deliveries_talk", "house", "talk", "created_at", where="talk IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default="mail", server_default="mail")  # mail | sms | webhook
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("side_conversations.id"))  # the one it belongs to
    recipient: Mapped[str] = mapped_column(String(320))
    source: Mapped[str] = mapped_column(String(64), default="", server_default="")  # its ticket's, as the file names it
    role: Mapped[str] = mapped_column(String(320), default="")  # as the file spells them: customer, assignee, role:…
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    subject: Mapped[str] = mapped_column(String(300), default="")  # as it left; empty until then
    frozen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    automatic: Mapped[bool] = mapped_column(default=False)  # nobody pressed a button for it; counted against the caps
    # Of automatic mail, for `talks`: whose mailbox, where it is at home, and the sketch of the mail this one answers.
    mailbox: Mapped[str | None] = mapped_column(String(320))
    house: Mapped[str | None] = mapped_column(String(320))
    talk: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10), default="waiting")  # waiting sending sent failed held discarded
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Submission(Base):
    """A form that was sent: its nonce, once. The same nonce again finds what the first one did (attack 96). `asked`: a
    hash of what a program asked under it; a form has a number of its own each time it is drawn, and needs none.
    """

    __tablename__ = "submissions"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    asked: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, index=True)
