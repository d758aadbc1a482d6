"""My requests: the list, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, literal, select, tuple_

from helpdesk.cabinet.blueprint import bp
from helpdesk.cabinet.states import shown
from helpdesk.db import UTCDateTime, session
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.tickets.models import Event, Ticket
from helpdesk.tickets.queue import Place
from helpdesk.web.gates import current_person, for_customers
from helpdesk.workflows import revisions

PAGE = 25


@bp.get("/")
@for_customers
def home() -> ResponseReturnValue:
    return redirect(url_for("cabinet.requests"), 303)


@bp.get("/requests")
@for_customers
def requests() -> str:
    """The list goes on from the last row of the page before, so it never counts rows it does not show."""
    before = Place.read(request.args["before"]) if request.args.get("before") else None
    tickets = _page(current_person(), before)
    heard = _heard_of([ticket.id for ticket in tickets[:PAGE]])
    older = tickets[PAGE - 1] if len(tickets) > PAGE else None
    return render_template(
        "cabinet/requests.html",
        requests=[
            {
                "ref": ticket.ref,
                "url": url_for("cabinet.conversation", ref=ticket.ref),
                "subject": ticket.subject,
                "state": shown(ticket.workflow, ticket.state),
                "activity_at": heard.get(ticket.id, ticket.created_at),
                "created_at": ticket.created_at,
            }
            for ticket in tickets[:PAGE]
        ],
        pager={
            "newer_url": url_for("cabinet.requests") if before else None,
            "older_url": url_for("cabinet.requests", before=str(Place(older.activity_at, older.id))) if older else None,
        },
        new_url=_where_to_ask(),
    )


def _page(person: Person, before: Place | None) -> Sequence[Ticket]:
    query = policy.requests_of(person).order_by(Ticket.activity_at.desc(), Ticket.id.desc()).limit(PAGE + 1)
    if before:
        here = tuple_(literal(before.at, UTCDateTime), before.id)
        query = query.where(tuple_(Ticket.activity_at, Ticket.id) < here)
    return session().scalars(query).all()


def _heard_of(ids: Sequence[int]) -> dict[int, datetime]:
    """When something last happened that the customer may know of. That a note was written is nobody else's business."""
    query = select(Event.ticket_id, func.max(Event.at)).where(Event.ticket_id.in_(ids), Event.for_customer)
    return {row[0]: row[1] for row in session().execute(query.group_by(Event.ticket_id))}


def _where_to_ask() -> str | None:
    """The form, if there is one; the page that names them, if there are several."""
    forms = [source for source in revisions.active().desk.sources.values() if source.type == "form"]
    return None if not forms else f"/forms/{forms[0].options.slug}" if len(forms) == 1 else "/"
