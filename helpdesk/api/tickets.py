"""Tickets: a page of those the person sees, one of them whole, and opening one."""

from __future__ import annotations

from flask import Response, url_for

from helpdesk.api import once
from helpdesk.api.blueprint import bp, reply
from helpdesk.api.declared import Given, Part, declared
from helpdesk.api.values import typed
from helpdesk.channels import entering
from helpdesk.db import session
from helpdesk.errors import Invalid, NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import lists, views
from helpdesk.tickets.lists import Asked
from helpdesk.tickets.models import Ticket
from helpdesk.web import limits
from helpdesk.web.gates import current_person, for_programs

LIST = {
    "query": Part(kind="text", usual="", says="Words, a ticket's name or an address to look for.", example="printer"),
    "workflow": Part(kind="text", usual="", says="Only tickets of this workflow."),
    "state": Part(kind="text", usual="", says="Only tickets in this state.", example="new"),
    "mine": Part(kind="yes_or_no", usual=False, says="Only tickets assigned to the token's person."),
    "limit": Part(kind="number", usual=50, least=1, most=lists.MOST, says="How many on a page."),
    "before": Part(kind="text", usual="", says="Where the page begins: `next` of the page before."),
}
NEW = {
    "source": Part(
        kind="text",
        required=True,
        says="The name of the source in the workflow file that it comes through.",
        example="contact",
    ),
    "for": Part(
        kind="text",
        usual="",
        says="The customer's address, where staff with the right `create` opens it for somebody.",
        example="olga@example.org",
    ),
    "values": Part(
        kind="object",
        usual={},
        schema="Values",
        says="What the source asks, by name.",
        example={"subject": "Printer on fire", "message": "It burns since nine."},
    ),
}


@bp.get("/tickets")
@for_programs
@declared(
    "List tickets",
    more="Newest activity first, for a customer what they last heard of; with `query` as staff, newest mention first. "
    "Go on with `before` while `next` is not null: a page of a search that asks for a state too may hold fewer tickets "
    "than `limit`.",
    parameters=LIST,
    gives={200: ("A page of the tickets that the person may see.", "TicketPage")},
)
def listed(given: Given) -> Response:
    asked = Asked(query=given["query"], workflow=given["workflow"], state=given["state"], mine=given["mine"])
    found = lists.page(current_person(), asked, limit=given["limit"], before=given["before"])
    return reply({"tickets": found.rows, "next": found.next})


@bp.get("/tickets/<ref>")
@for_programs
@declared(
    "Show a ticket",
    more="With everything its person may know: as staff where they see it so, else as its customer, who sees no note "
    f"and nobody's address but their own. Of each list the newest {lists.MOST}; where there is more, `next` says from "
    "where the list's own address goes on.",
    gives={200: ("The ticket.", "Ticket")},
)
def shown(_given: Given, ref: str) -> Response:
    return reply(views.view(current_person(), ref))


@bp.post("/tickets")
@for_programs
@declared(
    "Open a ticket",
    more="Through a source of the workflow file, with that source's own questions and validation. Without `for` it is "
    "the person's own request; who they are is not asked.",
    body=NEW,
    gives={
        201: ("It was opened; `Location` is its address.", "Opened"),
        200: ("The same `Idempotency-Key` had opened it before.", "Opened"),
    },
)
def opened(given: Given) -> Response:
    person, this = current_person(), once.of(given)
    if (sent := this.before()) is not None:  # whatever has become of their right to, or of the source
        return _told(person, session().get_one(Ticket, sent.ticket_id).ref, "repeated")
    address = given["for"]
    by = entering.opener(person, person.email) if address else None
    if not person.is_staff:
        limits.spend("api_new", str(person.id))
    try:
        door = entering.source(given["source"])
    except NotFound as unknown:
        raise Invalid({"source": unknown.sentence}) from None
    values = typed(entering.inputs(door, by=by), given["values"])
    with this.committed():
        received = entering.enter(door, values, address=address or person.email, by=by, nonce=this.key)
    return _told(person, received.ref, received.how)


def _told(person: Person, ref: str, how: str) -> Response:
    data = {"ref": ref, "how": how, "ticket": views.seen_by(person, ref)}
    return reply(data, 200 if how == "repeated" else 201, {"Location": url_for("api.shown", ref=ref)})
