"""Replies that leave in a few seconds, as rows of their writer's: until one leaves nothing has happened to its ticket.

Written by `actions.waiting`, shown by the desk to whoever wrote them. A row goes when its reply has left, or when its
writer has no use for it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, session
from helpdesk.errors import NotFound
from helpdesk.tickets.rich import Rich, Upload

GONE = "This reply has left already. What you want to add is another one."


class WaitingReply(Base):
    """An action with its values, to be run at `leaves_at` as `person_id`. Stopped: it waits for its writer; `why`."""

    __tablename__ = "waiting_replies"
    __table_args__ = (Index("ix_waiting_replies_ticket", "ticket_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str] = mapped_column(String(64))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `frozen` leaves them
    form: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # what was typed, as it was sent, without files
    heard: Mapped[int] = mapped_column(default=0)  # the last event of the ticket when it was written
    nonce: Mapped[str | None] = mapped_column(String(64), unique=True)
    stopped: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(Text, default="")  # what stopped it, if not its writer
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    leaves_at: Mapped[datetime] = mapped_column(UTCDateTime)


def of(person_id: int, ticket_ids: Sequence[int]) -> Sequence[WaitingReply]:
    """What this person wrote on these tickets and has not left, oldest first."""
    own = select(WaitingReply).where(WaitingReply.ticket_id.in_(ticket_ids), WaitingReply.person_id == person_id)
    return session().scalars(own.order_by(WaitingReply.id).limit(20)).all()


def by_id(person_id: int, ids: Collection[int]) -> Sequence[WaitingReply]:
    """Those of these that this person wrote."""
    return (
        session()
        .scalars(select(WaitingReply).where(WaitingReply.id.in_(ids), WaitingReply.person_id == person_id))
        .all()
    )


def find(person_id: int, ticket_id: int, reply_id: int, *, hold: bool = False) -> WaitingReply:
    """One of this person's own on this ticket. Raises NotFound: for a stranger there is none."""
    query = select(WaitingReply).where(
        WaitingReply.id == reply_id, WaitingReply.person_id == person_id, WaitingReply.ticket_id == ticket_id
    )
    row = session().scalar(query.with_for_update().execution_options(populate_existing=True) if hold else query)
    if row is None:
        raise NotFound(GONE)
    return row


def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form as JSON can hold them; their files are in the store already."""
    return {name: _frozen(value) for name, value in values.items()}


def thawed(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the door takes them."""
    return {name: _thawed(value) for name, value in kept.items()}


def files(row: WaitingReply) -> list[Upload]:
    """The files that go with it."""
    return [one for value in thawed(row.values).values() if isinstance(value, tuple) for one in value]


def _frozen(value: Any) -> Any:
    if isinstance(value, Rich):
        return {"rich": asdict(value)}
    if isinstance(value, tuple):
        return {"files": [asdict(each) for each in value]}
    return value


def _thawed(value: Any) -> Any:
    if isinstance(value, dict) and "rich" in value:
        return Rich(**value["rich"])
    if isinstance(value, dict) and "files" in value:
        return tuple(Upload(**each) for each in value["files"])
    return value
