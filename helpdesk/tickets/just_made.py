"""What a transaction knows of a ticket that it is opening itself, so that the database is not asked what nobody can
have written yet: which values it has, and what a mail about it answers.

Told by `intake.opening`, asked by `fields` and `outbox`. Each thing is known until it may have changed, and never
longer than the transaction (`db.writing`); of any other ticket nothing is known, and the database is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.db import session
from helpdesk.tickets.models import Ticket


@dataclass
class _Known:
    """`opened`: who wrote the first message, with which Message-ID; None from when anything else may have been said."""

    ticket: Ticket
    is_blank: bool = True
    opened: tuple[int | None, str | None] | None = None


def made(ticket: Ticket) -> None:
    """It was made just now, and has no value of its own fields."""
    _all()[ticket.id] = _Known(ticket)


def filled(ticket: Ticket) -> None:
    """It may have some."""
    if known := _of(ticket):
        known.is_blank = False


def is_blank(ticket: Ticket) -> bool:
    """Whether it certainly has none."""
    known = _of(ticket)
    return known is not None and known.is_blank


def opens(ticket: Ticket, *, author_id: int | None, rfc_id: str | None) -> None:
    """Its first message was written, and nothing else of it is said yet."""
    if known := _of(ticket):
        known.opened = (author_id, rfc_id)


def chain(ticket: Ticket, *, reader_id: int | None) -> list[str] | None:
    """The Message-IDs that the first mail about it follows, for its reader; None of any later one."""
    known = _of(ticket)
    if known is None or known.opened is None:
        return None
    (author_id, rfc_id), known.opened = known.opened, None
    return [rfc_id] if rfc_id and author_id is not None and author_id == reader_id else []


def _all() -> dict[int, _Known]:
    found: dict[int, _Known] = session().info.setdefault("just_made", {})
    return found


def _of(ticket: Ticket) -> _Known | None:
    """By the object as well: a part of the transaction may be taken back, and its number given again."""
    known = _all().get(ticket.id)
    return known if known is not None and known.ticket is ticket else None
