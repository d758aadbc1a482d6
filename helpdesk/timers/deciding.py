"""The time approvers have: when it is over, the approval expires or is asked anew."""

from __future__ import annotations

from helpdesk.actions import approving
from helpdesk.actions.door import run_following
from helpdesk.db import session
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.timers.kinds import fires


@fires("approval")
def expire(ticket: Ticket, timer: Timer) -> None:
    session().delete(timer)
    session().flush()
    if following := approving.expire(ticket):
        run_following(ticket, following)
