"""Which live tickets a changed workflow would leave without a state. Asked before any text becomes the active desk."""

from __future__ import annotations

from sqlalchemy import func, select

from helpdesk.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.workflows.schema import Desk


def stranded(desk: Desk) -> list[str]:
    """A sentence for each state that holds tickets and that `desk` does not know."""
    held = select(Ticket.workflow, Ticket.state, func.count()).group_by(Ticket.workflow, Ticket.state)
    return [
        f"{_tickets(count)} in the state “{state}” of “{workflow}”, which is not there any more."
        for workflow, state, count in session().execute(held)
        if workflow not in desk.workflows or state not in desk.workflows[workflow].states
    ]


def _tickets(count: int) -> str:
    return "One ticket is" if count == 1 else f"{count} tickets are"
