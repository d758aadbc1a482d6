"""Approvals as rows: a round in which consent is asked for a ticket, and the votes given in it.

A round begins when a ticket arrives in a state with `approve` (or is asked anew) and ends with its outcome; only one of
a ticket is open. Written by `actions.asking` and `actions.approving`; who may vote is judged by `tickets.voting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, answer, session
from helpdesk.people.models import Person
from helpdesk.people.naming import name_of
from helpdesk.tickets import in_order
from helpdesk.tickets.models import Ticket


class Approval(Base):
    """A round of asking. `brought_by_id`: whose run brought the ticket there, and who therefore has no vote."""

    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    workflow: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(64))
    brought_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(String(10), default="")  # accepted | rejected | expired | left


class Vote(Base):
    """One vote of a round. `person_id`: whose it is; `voter_id`: who gave it, their substitute while they are away."""

    __tablename__ = "approval_votes"
    __table_args__ = (UniqueConstraint("approval_id", "voter_id"),)

    approval_id: Mapped[int] = mapped_column(ForeignKey("approvals.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    vote: Mapped[str] = mapped_column(String(6))  # accept | reject
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


@dataclass(frozen=True)
class Cast:
    """A vote that was given: whose, by whom, which way, when."""

    person_id: int
    person: str
    voter_id: int
    voter: str
    vote: str
    at: datetime


@dataclass(frozen=True)
class Round:
    """A round with its votes in their order."""

    id: int
    workflow: str
    state: str
    brought_by_id: int | None
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str
    votes: tuple[Cast, ...]

    @property
    def accepted(self) -> tuple[Cast, ...]:
        return tuple(vote for vote in self.votes if vote.vote == "accept")


_WHOSE, _VOTER = aliased(Person), aliased(Person)
_ROUND = (
    select(
        Approval.id,
        Approval.workflow,
        Approval.state,
        Approval.brought_by_id,
        Approval.opened_at,
        Approval.due_at,
        Approval.ended_at,
        Approval.outcome,
        Vote.person_id,
        name_of(_WHOSE).label("person"),
        Vote.voter_id,
        name_of(_VOTER).label("voter"),
        Vote.vote,
        Vote.at,
    )
    .outerjoin(Vote, Vote.approval_id == Approval.id)
    .outerjoin(_WHOSE, _WHOSE.id == Vote.person_id)
    .outerjoin(_VOTER, _VOTER.id == Vote.voter_id)
    .where(Approval.ticket_id == bindparam("ticket", type_=Integer))
    .order_by(Approval.id, Vote.event_id)
)
_OPEN = _ROUND.where(Approval.ended_at.is_(None))
_ONE = _ROUND.where(Approval.id == bindparam("round", type_=Integer))
_LAST_ID = in_order.newest(select(Approval.id), Approval, of=bindparam("ticket", type_=Integer)).limit(1)
_LAST = _ROUND.where(Approval.id == _LAST_ID.scalar_subquery())


UNASKED = ~exists().where(
    Approval.ticket_id == Ticket.id,
    Approval.workflow == Ticket.workflow,
    Approval.state == Ticket.state,
    or_(Approval.ended_at.is_(None), and_(Approval.opened_at >= Ticket.entered_at, Approval.outcome != "left")),
)
"""Since a ticket came to where it is nothing was asked there; what the file ceased to ask meanwhile does not count."""
_IS_UNASKED = select(Ticket.id).where(
    Ticket.id == bindparam("ticket", type_=Integer), Ticket.merged_into_id.is_(None), UNASKED
)


def is_unasked(ticket: Ticket) -> bool:
    """Whether nothing was asked since the ticket came to where it is. What rests in another ticket is asked nothing."""
    session().flush()
    return answer(_IS_UNASKED, ticket=ticket.id).first() is not None


def open_round(ticket: Ticket) -> Round | None:
    """The round that is open where the ticket is now."""
    rows = answer(_OPEN, ticket=ticket.id).all()
    return _round([row for row in rows if (row.workflow, row.state) == (ticket.workflow, ticket.state)])


def find_round(ticket: Ticket, round_id: int) -> Round | None:
    """This round of the ticket, whatever became of it."""
    return _round(answer(_ONE, ticket=ticket.id, round=round_id).all())


def last_round(ticket: Ticket) -> Round | None:
    """The newest round of the ticket."""
    return _round(answer(_LAST, ticket=ticket.id).all())


def _round(rows: Any) -> Round | None:
    if not rows:
        return None
    first = rows[0]
    votes = [
        Cast(row.person_id, row.person or "", row.voter_id, row.voter or "", row.vote, row.at)
        for row in rows
        if row.vote is not None
    ]
    return Round(
        first.id,
        first.workflow,
        first.state,
        first.brought_by_id,
        first.opened_at,
        first.due_at,
        first.ended_at,
        first.outcome,
        tuple(votes),
    )
