"""While the outgoing server is away, or lets us in no more, mail waits behind the one that asked last: a password that
was revoked is not tried by every mail in turn until the account is locked (faults 7 and 12).

Kept in the database, so that all processes rest together and an administrator's “Send now” ends it for all of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpdesk import clock, jobs, stored
from helpdesk.db import session, upsert
from helpdesk.settings import current
from helpdesk.stored import Setting

KEPT = "mail:rests"
LONGEST = 15  # minutes


@dataclass(frozen=True)
class Rest:
    """The server has failed since `since`; nobody asks it before `until`."""

    since: datetime
    until: datetime
    why: str

    @property
    def left(self) -> float:
        """Seconds until it may be asked again."""
        return (self.until - clock.now()).total_seconds()


def now() -> Rest | None:
    """The rest that is being kept; None where mail may try."""
    kept = _kept()
    if kept is None:
        return None
    rest = Rest(datetime.fromisoformat(kept["since"]), datetime.fromisoformat(kept["until"]), kept["why"])
    return rest if rest.left > 0 else None


def failed(why: str) -> Rest:
    """It could not be reached or did not let us in: one minute longer each time, a quarter of an hour at most. Part of
    the transaction at hand, as what follows.
    """
    kept, at = _kept(), clock.now()
    failures = kept["failures"] + 1 if kept else 1
    since = datetime.fromisoformat(kept["since"]) if kept else at
    rest = Rest(since, at + timedelta(minutes=min(failures, LONGEST)), why)
    value = {
        "server": _server(),
        "since": rest.since.isoformat(),
        "until": rest.until.isoformat(),
        "failures": failures,
        "why": why,
    }
    added = upsert(Setting).values(name=KEPT, value=value)
    session().execute(added.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
    return rest


def over() -> None:
    """It works, or somebody wants it to be asked at once."""
    stored.forget(KEPT)


def ask_again() -> None:
    """What kept the server from taking our mail was seen to: all that waits behind it is tried now. Part of the
    transaction at hand.
    """
    if _kept() is not None:
        over()
        jobs.hasten_all("deliver")


def _kept() -> dict[str, Any] | None:
    """What is known of the server that the settings name; another one has not failed."""
    kept: dict[str, Any] | None = stored.get(KEPT)
    return kept if kept is not None and kept["server"] == _server() else None


def _server() -> str:
    return hashlib.sha256(current().smtp_url.encode()).hexdigest()
