"""For those who run the server: is the process alive, can it work, and what piles up."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache

from flask import Blueprint, Response, abort, make_response, request
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk import migrating, settings
from helpdesk.alarms import Alarm
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import db, session
from helpdesk.errors import HelpdeskError
from helpdesk.jobs import Job
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.web.gates import for_everyone
from helpdesk.web.visitors import is_this_machine
from helpdesk.workflows import revisions

bp = Blueprint("operations", __name__)

MOST = 10_000  # counting stops here, so that a scrape costs the same at ten thousand rows and at a million


@bp.get("/healthz")
@for_everyone
def health() -> Response:
    """The process answers. Asks nobody else, so a slow database does not get it restarted."""
    return _plain("ok\n")


@bp.get("/readyz")
@for_everyone
def ready() -> Response:
    """It can do its work: the database is reached and up to date, a workflow is in force."""
    if migrating.current(db.engine) != _head():
        return _plain("The database is not at this version; run: helpdesk migrate\n", 503)
    try:
        revisions.active()
    except HelpdeskError as missing:
        return _plain(f"{missing.sentence}\n", 503)
    return _plain("ready\n")


@bp.get("/metrics")
@for_everyone
def metrics() -> Response:
    """Numbers in the Prometheus text format, for who has the token; without one, for this machine only."""
    token = settings.current().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not (hmac.compare_digest(given.encode(), token.encode()) if token else is_this_machine()):
        abort(404)
    return _plain("".join(_lines()))


def _lines() -> Iterable[str]:
    most = f"{MOST} = that many or more"
    outgoing, incoming = "Outgoing mails, text messages and calls", "Mails received"
    yield from _gauge("helpdesk_jobs", f"Jobs by state; {most}.", _counts(Job.state))
    yield from _gauge("helpdesk_deliveries", f"{outgoing} by status; {most}.", _counts(Delivery.status))
    yield from _gauge(
        "helpdesk_inbound_mails", f"{incoming}, by what became of them; {most}.", _counts(InboundMail.status)
    )
    yield from _gauge("helpdesk_robot_mails", f"The newest {MOST} mails that robots wrote, by kind.", _robots())
    yield from _counter("helpdesk_deliveries_written", f"{outgoing} since the beginning.", Delivery.id)
    yield from _counter("helpdesk_mails_received", f"{incoming} since the beginning.", InboundMail.id)
    yield from _counter("helpdesk_tickets_opened", "Tickets opened since the beginning.", Ticket.id)
    open_alarms = session().scalar(select(func.count()).select_from(Alarm).where(Alarm.cleared_at.is_(None))) or 0
    yield from _gauge("helpdesk_alarms", "Open alarms.", {"": open_alarms})


def _counts(by: InstrumentedAttribute[str]) -> dict[str, int]:
    """How many rows are in each state, up to `MOST`. From state to state along the index that begins with it."""
    here = session()
    counted: dict[str, int] = {}
    state = here.scalar(select(func.min(by)))
    while state is not None:
        some = select(by).where(by == state).limit(MOST).subquery()
        counted[state] = here.scalar(select(func.count()).select_from(some)) or 0
        state = here.scalar(select(func.min(by)).where(by > state))
    return counted


def _robots() -> dict[str, int]:
    """Asked of the index that holds robots only."""
    written = select(InboundMail.robot).where(InboundMail.robot != "")
    newest = written.order_by(InboundMail.received_at.desc()).limit(MOST).subquery()
    counted = select(newest.c.robot, func.count()).group_by(newest.c.robot)
    return {row[0]: row[1] for row in session().execute(counted)}


def _counter(name: str, says: str, key: InstrumentedAttribute[int]) -> Iterable[str]:
    """Of rows that are numbered as they come: the newest one's number."""
    return _gauge(name, says, {"": session().scalar(select(func.max(key))) or 0}, kind="counter")


def _gauge(name: str, says: str, numbers: dict[str, int], *, kind: str = "gauge") -> Iterable[str]:
    yield f"# HELP {name} {says}\n# TYPE {name} {kind}\n"
    for label, number in sorted(numbers.items()):
        yield f'{name}{{state="{label}"}} {number}\n' if label else f"{name} {number}\n"


def _plain(text: str, status: int = 200) -> Response:
    return make_response(text, status, {"Content-Type": "text/plain; charset=utf-8"})


@lru_cache(maxsize=1)
def _head() -> str:
    return migrating.head()
