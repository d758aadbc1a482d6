"""Who is at work: a time at which somebody was last seen, with a time to live, so that nobody is there for ever because
a browser crashed. The doorbell notes who has the desk open; a sign-in counts less. A strategy asks both at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from helpdesk import clock
from helpdesk.db import session, upsert, writing
from helpdesk.people.models import Person, SignIn
from helpdesk.routing import models
from helpdesk.routing.strategies.base import Presence
from helpdesk.tickets.models import Event
from helpdesk.workflows.kinds import strategies
from helpdesk.workflows.schema import Assign, Desk

NOTED_EVERY = timedelta(minutes=1)
LASTS = timedelta(minutes=3)  # two notes may be lost


@dataclass(frozen=True)
class AtWork:
    presence: Presence
    worked_at: datetime | None


def note(people: Collection[int]) -> None:
    """These people have the desk open now."""
    if not people:
        return
    with writing() as here:
        now = clock.now()
        rows = [{"person_id": each, "seen_at": now} for each in sorted(people)]  # sorted: nobody waits in a circle
        there = upsert(models.Presence).values(rows)
        here.execute(
            there.on_conflict_do_update(index_elements=["person_id"], set_={"seen_at": there.excluded.seen_at})
        )


def at_work(people: Collection[int]) -> dict[int, AtWork]:
    """How present each of these people is, and when they last did something as staff. One question."""
    now = clock.now()
    seen = select(models.Presence.seen_at).where(models.Presence.person_id == Person.id).scalar_subquery()
    worked = (
        select(Event.at)
        .where(Event.actor_id == Person.id, Event.actor_kind == "staff")
        .order_by(Event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    signed_in = exists().where(
        SignIn.person_id == Person.id, SignIn.audience == "desk", SignIn.ended_at.is_(None), SignIn.expires_at > now
    )
    rows: Any = session().execute(select(Person.id, seen, signed_in, worked).where(Person.id.in_(people)))
    return {
        person: AtWork("here" if last and last > now - LASTS else "signed in" if open_ else "away", at)
        for person, last, open_, at in rows
    }


def is_asked(desk: Desk) -> bool:
    """Whether a strategy of this desk looks at who is there; where none does, nothing is noted."""
    named = {route.by for route in desk.routing.values()}
    hows: list[Assign] = [source.assign for source in desk.sources.values()]
    hows += [action.assign for workflow in desk.workflows.values() for action in workflow.actions.values()]
    named |= {how.by for how in hows if how.by and how.by not in desk.routing}
    return any("work" in getattr(strategies.find(name), "asks", ()) for name in named if name)
