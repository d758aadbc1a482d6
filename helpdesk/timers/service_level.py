"""Service levels: so many per cent of a promised time are over.

A warning is an event and a mark for whoever has the ticket, and runs nothing. At the breach the level's `then` runs, as
the desk itself.
"""

from __future__ import annotations

from helpdesk.actions import promises
from helpdesk.actions.door import run_automatic
from helpdesk.db import session
from helpdesk.tickets import events, unread
from helpdesk.tickets.actors import SYSTEM
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.timers.kinds import fires
from helpdesk.workflows import revisions


@fires("sla")
def run(ticket: Ticket, timer: Timer) -> None:
    """What is over is worked out anew: after a downtime only the last of it is said."""
    name = timer.action
    session().delete(timer)
    session().flush()
    if ticket.workflow not in revisions.active().desk.workflows or promises.review(ticket):
        return  # by the file in force something else holds, and its own clocks are set
    level = promises.level_of(ticket)
    percent = promises.over(ticket, level, name)
    if level is None or percent is None:
        return
    promises.told(ticket, level, name=name, percent=percent)
    if percent < promises.BREACH:
        _say(ticket, "warned", name, percent)
        return
    _say(ticket, "breached", name, percent)
    if level.then:
        run_automatic(ticket, level.then)


def _say(ticket: Ticket, kind: str, name: str, percent: int) -> None:
    """On the ticket's history and to whoever has it. Nobody's open page becomes stale by it."""
    label = f"{name.replace('_', ' ').capitalize()}: {percent} % of the time are over"
    data = {"label": label, "promise": name, "percent": percent}
    events.append(ticket, kind=kind, actor=SYSTEM, data=data, touches=False)
    unread.mark(ticket, except_for=None)
