"""A request on paper: the whole conversation as its customer may read it, written while it is sent."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from helpdesk.cabinet import states
from helpdesk.cabinet.blueprint import bp
from helpdesk.cabinet.story import onward
from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.web import paper
from helpdesk.web.gates import current_person, for_customers
from helpdesk.web.paper import Part


@bp.get("/requests/<ref>/print", endpoint="printed")
@for_customers
def printed(ref: str) -> ResponseReturnValue:
    """The page for paper; of a request that was merged, that of the one it is part of now."""
    person = current_person()
    ticket = policy.find(person, ref, as_customer=True)
    if ticket.merged_into_id is not None:
        stays = policy.find(person, str(ticket.merged_into_id), as_customer=True)
        return redirect(url_for("cabinet.printed", ref=stays.ref), 303)
    head = {
        "ref": ticket.ref,
        "url": url_for("cabinet.conversation", ref=ticket.ref),
        "subject": ticket.subject,
        "state": states.shown(ticket.workflow, ticket.state)["label"],
        "created_at": ticket.created_at,
    }
    person_id = person.id
    return paper.page("cabinet/print.html", person, ticket=head, read=lambda after: _part(person_id, ref, after))


def _part(person_id: int, ref: str, after: int) -> Part:
    person = session().get_one(Person, person_id)
    return onward(policy.find(person, ref, as_customer=True), person, after=after)
