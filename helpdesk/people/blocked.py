"""The block list: addresses and domains whose mail is spam. Learned by actions of type `spam`, seen and shortened by
administrators.

A ban (`bans`) is of a person and answers them once; what is blocked here is kept unread and answered by nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, bindparam, delete, exists, select, text
from sqlalchemy.orm import Mapped, joinedload, lazyload, load_only, mapped_column, relationship

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, answer, insert_unless_there, session
from helpdesk.people import find
from helpdesk.people.models import DOMAIN, Address, Person

Kind = Literal["address", "domain"]


class Blocked(Base):
    """An address, or a domain with all that is below it. `why`: where it was learned."""

    __tablename__ = "blocked_senders"
    __table_args__ = (UniqueConstraint("value", name="uq_blocked_senders"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # address | domain
    value: Mapped[str] = mapped_column(String(320))
    why: Mapped[str] = mapped_column(String(100), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    by: Mapped[Person | None] = relationship(lazy="raise")


def found(address: str) -> str:
    """The entry that this address falls under; empty if there is none."""
    normal = find.normal(address)
    return answer(UNDER, values=[normal, *_domains(normal)]).scalars().first() or ""


def add(kind: Kind, address: str, *, why: str, by_id: int | None) -> tuple[Kind, str]:
    """Block this address, or its domain; gives what was blocked. A domain from which somebody else has written too is
    not blocked for one of them: then it is the address. Part of the transaction at hand.
    """
    normal = find.normal(address)
    domain = normal.rpartition("@")[2]
    if kind == "domain" and _others(normal, domain):
        kind = "address"
    value = domain if kind == "domain" else normal
    insert_unless_there(Blocked, kind=kind, value=value, why=why[:100], by_id=by_id, at=clock.now())
    return kind, value


def remove(entry_id: int) -> bool:
    """Take the mail of this entry again; False where it is gone. Part of the transaction at hand."""
    gone = select(Blocked.id).where(Blocked.id == entry_id)
    if session().scalar(gone) is None:
        return False
    session().execute(delete(Blocked).where(Blocked.id == entry_id))
    return True


def listed() -> Select[Blocked]:
    """The list, each entry with whoever's action learned it, for a page of it."""
    return select(Blocked).options(joinedload(Blocked.by).options(load_only(Person.name), lazyload("*")))


def _domains(normal: str) -> list[str]:
    """The domain of an address and those above it, without the last."""
    parts = normal.rpartition("@")[2].split(".")
    return [".".join(parts[at:]) for at in range(max(1, len(parts) - 1))][:10]


def _others(normal: str, domain: str) -> bool:
    """Whether the desk knows somebody else's address of this domain."""
    others = select(Address.id).where(text(f"{DOMAIN} = :domain")).where(Address.kind == "email")
    return session().scalar(others.where(Address.value != normal).limit(1), {"domain": domain}) is not None


ANY = exists().where(Blocked.id > 0)
"""Whether there is an entry at all: for a question that is asked anyway."""

UNDER = select(Blocked.value).where(Blocked.value.in_(bindparam("values", expanding=True)))
