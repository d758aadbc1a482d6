"""My requests: the list, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from helpdesk.cabinet.blueprint import bp
from helpdesk.cabinet.states import shown
from helpdesk.db import session
from helpdesk.tickets import heard, policy
from helpdesk.tickets.models import Ticket
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
    found = heard.newest(policy.requests_of(current_person()), limit=PAGE + 1, before=before)
    places, older = found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None
    tickets = _tickets([place.id for place in places])
    return render_template(
        "cabinet/requests.html",
        requests=[
            {
                "ref": ticket.ref,
                "url": url_for("cabinet.conversation", ref=ticket.ref),
                "subject": ticket.subject,
                "state": shown(ticket.workflow, ticket.state),
                "activity_at": place.at,
                "created_at": ticket.created_at,
            }
            for place, ticket in zip(places, tickets, strict=True)
        ],
        pager={
            "newer_url": url_for("cabinet.requests") if before else None,
            "older_url": url_for("cabinet.requests", before=str(older)) if older else None,
        },
        new_url=_where_to_ask(),
    )


def _tickets(ids: Sequence[int]) -> Sequence[Ticket]:
    """Those of these ids, in this order."""
    found = {ticket.id: ticket for ticket in session().scalars(select(Ticket).where(Ticket.id.in_(ids)))}
    return [found[each] for each in ids]


def _where_to_ask() -> str | None:
    """The form, if there is one; the page that names them, if there are several."""
    forms = [source for source in revisions.active().desk.sources.values() if source.type == "form"]
    return None if not forms else f"/forms/{forms[0].options.slug}" if len(forms) == 1 else "/"
