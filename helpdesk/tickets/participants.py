"""Who reads a ticket along in copy, and who was only seen in copy of a mail about it.

A participant has been let in by the requester, whom our own mail server vouched for, or by staff; everybody else in
To or Cc is noted, gets nothing and learns nothing (attack 23). Written by the two doors only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, session
from helpdesk.people import find
from helpdesk.tickets.models import Ticket

MOST = 48  # in copy of one ticket
NOTED = 200  # rows of one ticket; whoever is named beyond is not even noted

Part = Literal["noted", "in", "out"]


class Participant(Base):
    """Somebody who is, was, or might be in copy. `part`: noted | in | out."""

    __tablename__ = "participants"
    __table_args__ = (UniqueConstraint("ticket_id", "address", name="uq_participants"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    address: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(100), default="")  # as the mail called them; a claim
    part: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


def of(ticket: Ticket) -> Sequence[Participant]:
    """All rows of the ticket, in the order they came; a ticket that nobody was ever in copy of asks nothing."""
    if not ticket.shared:
        return ()
    query = select(Participant).where(Participant.ticket_id == ticket.id).order_by(Participant.id)
    return session().scalars(query).all()


def present(ticket: Ticket) -> list[Participant]:
    """Who is in copy now."""
    return [each for each in of(ticket) if each.part == "in"]


def is_in(ticket: Ticket, addresses: Iterable[str]) -> bool:
    """Whether somebody with one of these addresses is in copy."""
    mine = {find.normal(each) for each in addresses}
    return any(each.address in mine for each in present(ticket))


def put(ticket: Ticket, people: Iterable[tuple[str, str]], part: Part, *, by_staff: bool) -> list[str]:
    """Give these people (address and name) this part; gives the addresses for which that was news. Whoever staff took
    out is let in by staff alone, and to be noted changes nothing for anybody who is known. The requester has no part.
    """
    here = session()
    known = {each.address: each for each in of(ticket)}
    inside = sum(each.part == "in" for each in known.values())
    requester = {find.normal(each.value) for each in ticket.requester.addresses}
    changed = []
    for address, name in people:
        normal = find.normal(address)
        row = known.get(normal)
        if normal in requester or (row is None and (part == "out" or len(known) >= NOTED)):
            continue
        wanted: Part = "noted" if part == "in" and inside >= MOST else part
        if row is None:
            row = known[normal] = Participant(ticket_id=ticket.id, address=normal, name=name[:100], part="")
            here.add(row)
        elif row.part == wanted or wanted == "noted" or (row.part == "out" and not by_staff):
            continue
        inside += (wanted == "in") - (row.part == "in")
        row.part, row.since = wanted, clock.now()
        changed.append(normal)
        ticket.shared = True
    here.flush()
    return changed
