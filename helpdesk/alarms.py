"""Alarms: what an administrator must hear of. One open alarm a subject; raising it again only counts.

Raised inside the transaction that found the trouble; shown on the admin side and by `helpdesk doctor`. It ends when the
trouble is over, where the program can tell, or when an administrator has seen to it; should it sound again after that,
it is a new one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, partial_index, session, upsert
from helpdesk.errors import NotFound


class Alarm(Base):
    """Something is wrong. `subject` names it for machines (`source:support_mail`), `sentence` for people."""

    __tablename__ = "alarms"
    __table_args__ = (partial_index("uq_alarms_open_subject", "subject", unique=True, where="cleared_at IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    sentence: Mapped[str] = mapped_column(Text)
    times: Mapped[int] = mapped_column(default=1)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen_to_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id")
    )  # who ended it; nobody: it ended by itself


def sound(subject: str, sentence: str) -> None:
    """Raise the alarm, or note that it goes on. Needs a writing transaction.

    One statement, so that two who find the same trouble at once do not trip over each other.
    """
    now = clock.now()
    alarm = upsert(Alarm).values(subject=subject, sentence=sentence, times=1, raised_at=now, last_at=now)
    goes_on = {"sentence": sentence, "times": Alarm.times + 1, "last_at": now}
    still_open = text("cleared_at IS NULL")
    session().execute(alarm.on_conflict_do_update(index_elements=["subject"], index_where=still_open, set_=goes_on))


def clear(*subjects: str) -> None:
    """These troubles are over. Needs a writing transaction; harmless when there was no alarm."""
    for alarm in session().scalars(select(Alarm).where(Alarm.subject.in_(subjects), Alarm.cleared_at.is_(None))):
        alarm.cleared_at = clock.now()


def see_to(alarm_id: int, *, times: int, by: int) -> bool:
    """A person has seen to it, as it was when it had sounded `times` times. Gives whether it is over: not if it sounded
    again since they looked. Needs a writing transaction.
    """
    ended = update(Alarm).where(Alarm.id == alarm_id, Alarm.cleared_at.is_(None), Alarm.times == times)
    session().execute(ended.values(cleared_at=clock.now(), seen_to_by_id=by))
    alarm = session().get(Alarm, alarm_id, populate_existing=True)
    if alarm is None:
        raise NotFound("There is no such alarm.")
    return alarm.cleared_at is not None


def standing() -> list[Alarm]:
    """The open alarms, newest first."""
    return list(session().scalars(select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.id.desc()).limit(50)))
