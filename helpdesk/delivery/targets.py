"""How the other side of each webhook is doing: whether it fails, until when it rests, whether it is gone for good.

A target that fails rests, so that what waits for it does not queue up in front of a closed door while others are
called (fault 32). Used by `webhooks` alone.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import alarms, clock
from helpdesk.db import Base, UTCDateTime, insert_unless_there, session

LONGEST_REST = timedelta(minutes=5)
SILENCE = timedelta(minutes=15)  # how long a target may fail before administrators hear of it


class WebhookTarget(Base):
    """A row for each webhook that ever failed. `gone`: the hash of the address that said it is no more."""

    __tablename__ = "webhook_targets"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rests_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    gone: Mapped[str] = mapped_column(String(64), default="")


def rest(name: str) -> float:
    """Seconds until this target may be called again; 0 = now."""
    target = session().get(WebhookTarget, name)
    until = target.rests_until if target else None
    return max(0.0, (until - clock.now()).total_seconds()) if until else 0.0


def is_gone(name: str, url: str) -> bool:
    """Whether this very address said that it is no more. Another address of the same webhook is called again."""
    target = session().get(WebhookTarget, name)
    return target is not None and bool(target.gone) and target.gone == _hash(url)


def answered(name: str) -> None:
    """It works. Part of the transaction at hand, as all below."""
    target = session().get(WebhookTarget, name, with_for_update=True)
    if target is not None and (target.failures or target.gone):
        target.failures, target.failing_since, target.rests_until, target.gone = 0, None, None, ""
    alarms.clear(_alarm(name))


def failed(name: str, why: str, *, pause: float) -> None:
    """It failed, and the call will be tried again in `pause` seconds."""
    target = _held(name)
    target.failures += 1
    target.failing_since = target.failing_since or clock.now()
    target.rests_until = clock.now() + min(timedelta(seconds=pause), LONGEST_REST)
    if clock.now() - target.failing_since >= SILENCE:
        alarms.sound(_alarm(name), f"The webhook “{name}” does not answer. {why}")


def paused(name: str, why: str) -> None:
    """It cannot be called as things stand here: a variable is missing, a secret too short, its address forbidden."""
    alarms.sound(_alarm(name), f"The webhook “{name}” pauses. {why}")


def left(name: str, url: str) -> None:
    """It said that it is gone (410): it is not called any more."""
    _held(name).gone = _hash(url)
    alarms.sound(_alarm(name), f"The webhook “{name}” says that nobody is there any more, so it is not called.")


def recall(name: str) -> None:
    """An administrator calls it all the same: at once, and whatever it said before."""
    target = session().get(WebhookTarget, name, with_for_update=True)
    if target is not None:
        target.rests_until, target.gone = None, ""


def _held(name: str) -> WebhookTarget:
    insert_unless_there(WebhookTarget, name=name, failures=0, gone="")
    return session().get_one(WebhookTarget, name, with_for_update=True)


def _alarm(name: str) -> str:
    return f"webhook:{name}"


def _hash(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
