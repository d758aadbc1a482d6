"""The queue page and the ticket page of the real server, beside the reference page of an equal one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from bench import server, visitor
from bench.desks import Desk
from bench.figures import Figure
from bench.visitor import Page
from helpdesk.db import session
from helpdesk.tickets.models import Message, Ticket

READER = 1  # of the front line
MESSAGES = 8  # on the ticket that is shown
AT_MOST = 6.0  # times the reference


def measure(desk: Desk, folder: Path, *, requests: int = visitor.REQUESTS) -> list[Figure]:
    """Both pages of one desk."""
    app = desk.app()
    with app.app_context():
        ref = eight_messages()
    signed_in = visitor.sign_in(app, READER)
    settings = desk.settings
    with (
        server.served("desk", settings, log=folder / "desk.log") as (ours, _),
        server.served("reference", settings, log=folder / "reference.log") as (other, _),
    ):
        pages = [
            Page("reference", other, "/", "<table>", {}),
            Page("queue", ours, "/desk/", "S-", signed_in),
            Page("ticket", ours, f"/desk/tickets/{ref}", ref, signed_in),
        ]
        runs = visitor.compared(pages, requests=requests)
    reference = [run["reference"] for run in runs]
    where = f"{desk.kind}, {desk.tickets:,} tickets"
    return [
        Figure("queue page", where, [run["queue"] for run in runs], reference, goal=AT_MOST),
        Figure(f"ticket page, {MESSAGES} messages", where, [run["ticket"] for run in runs], reference, goal=AT_MOST),
    ]


def eight_messages() -> str:
    """The newest open ticket of the front line that has exactly eight messages."""
    newest = (
        select(Ticket.id)
        .where(Ticket.workflow == "support", Ticket.state == "open")
        .order_by(Ticket.activity_at.desc())
        .limit(2000)
    )
    talks = (
        select(Ticket.ref)
        .join(Message, Message.ticket_id == Ticket.id)
        .where(Ticket.id.in_(newest))
        .group_by(Ticket.id)
        .having(func.count() == MESSAGES)
        .order_by(Ticket.activity_at.desc())
    )
    return str(session().scalars(talks.limit(1)).one())
