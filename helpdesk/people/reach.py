"""Whether mail reaches somebody: an address whose mail came back for good, or whose owner called our mail spam.

Told by `delivery.outcome`, which believes only reports that bring a name of ours back (attack 36). The desk then writes
nothing there by itself; people may, and are warned. A sign of life takes the mark away: a mail from there that no robot
wrote, or a link that was mailed there and followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from helpdesk import clock
from helpdesk.db import session
from helpdesk.people import find
from helpdesk.people.models import Address, Person

LONGEST = 300  # characters of a reason


@dataclass(frozen=True)
class Lost:
    """Why mail to an address is of no use, for staff."""

    address: str
    bounced_at: datetime | None
    reason: str
    complained_at: datetime | None


def came_back(address: str, why: str) -> None:
    """Mail to this address came back for good. The first report counts: since then nothing arrives."""
    each = _row(address)
    if each is not None and each.bounced_at is None:
        each.bounced_at, each.bounce_reason = clock.now(), why[:LONGEST]


def complained(address: str) -> bool:
    """Its owner called a mail of ours spam; whether that is news."""
    each = _row(address)
    if each is None or each.complained_at is not None:
        return False
    each.complained_at = clock.now()
    return True


def lives(person: Person, address: str) -> None:
    """Somebody reads and writes there."""
    each = _of(person, address)
    if each is not None and (each.bounced_at is not None or each.complained_at is not None):
        each.bounced_at, each.bounce_reason, each.complained_at = None, "", None


def lost(person: Person | None, address: str = "") -> Lost | None:
    """What is known against mail to this address of the person, or to the one that is used for them."""
    each = _of(person, address or person.email) if person is not None else None
    return of_address(each) if each is not None else None


def of_address(each: Address) -> Lost | None:
    """The same of a row."""
    if each.bounced_at is None and each.complained_at is None:
        return None
    return Lost(each.value, each.bounced_at, each.bounce_reason, each.complained_at)


def _of(person: Person, address: str) -> Address | None:
    value = find.normal(address)
    return next((each for each in person.addresses if each.kind == "email" and each.value == value), None)


def _row(address: str) -> Address | None:
    named = select(Address).where(Address.kind == "email", Address.value == find.normal(address))
    return session().scalar(named.with_for_update())
