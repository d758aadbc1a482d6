"""What may be written to whom without anybody pressing a button.

Asked, before they queue such a mail, by whoever does: the e-mails of actions that a message or a timer set off, the
question whether a request was theirs, the notes about what could not be done. Nobody uses the desk to pester a stranger
(attack 33), it talks to no robot for long (attack 35: `talks`), and it writes nothing by itself to an address whose
mail came back or whose owner complained. One question to the database is enough for nearly
every mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, literal_column, select

from helpdesk import clock
from helpdesk.db import UTCDateTime, answer
from helpdesk.people import reach
from helpdesk.people.models import Person
from helpdesk.tickets import talks
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.workflows import revisions

PER_HOUR, PER_DAY = 3, 10  # automatic mails to one mailbox
ALL_PER_HOUR = 600  # automatic mails of the whole desk, after which none go to unverified addresses


@dataclass(frozen=True)
class Refused:
    """Why it is not written: a sentence for staff. `robot`: for whom it is no use to ask again until somebody looks."""

    why: str
    robot: bool = False

    @property
    def noted(self) -> dict[str, object]:
        """What the history keeps of it."""
        return {"why": self.why} | ({"robot": True} if self.robot else {})


def may_write(address: str, *, verified: bool, talk: str | None = None, ticket: Ticket | None = None) -> bool:
    """Whether one more automatic mail may go to this address now. `talk`: the sketch of the mail it would answer."""
    return refusal(address, None, verified=verified, talk=talk, ticket=ticket) is None


def refusal(
    address: str,
    person: Person | None,
    *,
    verified: bool,
    talk: str | None = None,
    ticket: Ticket | None = None,
    is_new: bool = False,
) -> Refused | None:
    """Why no automatic mail may go there now; None where one may. `is_new`: the ticket is being opened."""
    if gone := lost(address, person):
        return gone
    now = clock.now()
    in_an_hour, in_a_day, to_anybody, *glance = answer(
        SO_FAR, an_hour_ago=now - timedelta(hours=1), a_day_ago=now - timedelta(days=1), **talks.asked(talk, address)
    ).one()
    closely = (ticket is not None and not is_new) or glance[0] >= talks.ANSWERS or glance[1]
    if closely and talks.is_one(talk, address=address, ticket_id=ticket.id if ticket else 0):
        return Refused(f"What answers from {address} is like a robot, and nobody has looked at it yet.", robot=True)
    if in_an_hour < PER_HOUR and in_a_day < PER_DAY and (verified or to_anybody < ALL_PER_HOUR):
        return None
    if verified and _in_conversation(address):
        return None
    return Refused(f"{address} has been sent enough automatic mail for now.")


def lost(address: str, person: Person | None) -> Refused | None:
    """Whether mail to this address of the person came back, or was called spam there."""
    known = reach.lost(person, address)
    return Refused(_in_words(known)) if known else None


def circles(address: str, ticket: Ticket, *, author: Person | None) -> Refused | None:
    """The same for somebody who is not the ticket's customer, to whom the file wants each of these mails sent: only
    their own answers hold it back, or, where `author` is None, those of everybody outside the house.
    """
    turns = answer(talks.OF_ONE, recipient=address, ticket=ticket.id, author=author.id if author else 0).scalar_one()
    return Refused(f"What answers from {address} is like a robot.") if turns >= talks.TURNS else None


def _in_conversation(address: str) -> bool:
    """Whether the caps were reached because people of the house and the customer write to each other: what was attended
    to since does not count.
    """
    now = clock.now()
    in_an_hour = talks.left_alone(address, since=now - timedelta(hours=1))
    return in_an_hour < PER_HOUR and talks.left_alone(address, since=now - timedelta(days=1)) < PER_DAY


def _in_words(known: reach.Lost) -> str:
    """The day is the company's, as everywhere in its texts."""
    if known.bounced_at is None:
        return f"Whoever reads {known.address} called a mail of ours spam."
    why = f": {known.reason}" if known.reason else ""
    day = known.bounced_at.astimezone(ZoneInfo(revisions.active().desk.company.timezone))
    return f"Mail to {known.address} came back on {day:%d.%m.%Y}{why}."


def _automatic(since: str, *more: ColumnElement[bool], most: int) -> ScalarSelect[int]:
    """How many automatic mails there were since then, counted up to `most`."""
    some: Select[Any] = select(literal_column("1")).where(
        Delivery.automatic, Delivery.created_at > bindparam(since, type_=UTCDateTime), *more
    )
    return select(func.count()).select_from(some.limit(literal_column(str(most))).subquery()).scalar_subquery()


_TO_THEM = Delivery.mailbox == bindparam("mailbox")
# Counted up to their caps: automatic mails to this mailbox in the last hour and in the last day, and those of that hour
# to anybody, verified or not; then what tells a robot at a glance.
SO_FAR = select(
    _automatic("an_hour_ago", _TO_THEM, most=PER_HOUR),
    _automatic("a_day_ago", _TO_THEM, most=PER_DAY),
    _automatic("an_hour_ago", most=ALL_PER_HOUR),
    *talks.AT_A_GLANCE,
)
