"""The lists of a ticket, a page at a time: for whoever goes on from the newest, which stand in the ticket itself."""

from __future__ import annotations

from flask import Response

from helpdesk.api.blueprint import bp, reply
from helpdesk.api.declared import Given, Part, declared
from helpdesk.tickets import lists, views
from helpdesk.tickets.history import Name
from helpdesk.web.gates import current_person, for_programs

PAGE = {
    "limit": Part(kind="number", usual=50, least=1, most=lists.MOST, says="How many on a page."),
    "before": Part(
        kind="text",
        usual="",
        says="Where the page begins: `next` of the page before, or of this list in the ticket.",
    ),
}
MORE = "As they stand in the ticket, each page the oldest first. Go on with `before` while `next` is not null."


@bp.get("/tickets/<ref>/messages")
@for_programs
@declared(
    "List a ticket's messages", more=MORE, parameters=PAGE, gives={200: ("The newest, or those before.", "MessagePage")}
)
def messages(given: Given, ref: str) -> Response:
    return _page("messages", given, ref)


@bp.get("/tickets/<ref>/events")
@for_programs
@declared(
    "List what happened to a ticket",
    more=MORE,
    parameters=PAGE,
    gives={200: ("The newest, or those before.", "EventPage")},
)
def events(given: Given, ref: str) -> Response:
    return _page("events", given, ref)


@bp.get("/tickets/<ref>/deliveries")
@for_programs
@declared(
    "List what a ticket sent out",
    more=MORE,
    parameters=PAGE,
    gives={200: ("The newest, or those before.", "DeliveryPage")},
)
def deliveries(given: Given, ref: str) -> Response:
    return _page("deliveries", given, ref)


def _page(name: Name, given: Given, ref: str) -> Response:
    return reply(views.part(current_person(), ref, name, limit=given["limit"], before=given["before"]))
