"""The files of a ticket, each through the ticket it hangs on (attacks 45 and 46)."""

from __future__ import annotations

from flask import Response
from sqlalchemy import ColumnElement

from helpdesk.api.blueprint import bp
from helpdesk.api.declared import Given, declared
from helpdesk.people.models import Person
from helpdesk.tickets import merged, views
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Message, Ticket
from helpdesk.web import attachments
from helpdesk.web.gates import current_person, for_programs


@bp.get("/tickets/<ref>/attachments/<int:attachment_id>")
@for_programs
@declared(
    "Fetch a file",
    more="By the `id` that stands among the ticket's messages. Always a download of no particular type, whatever its "
    "sender called it.",
    gives={200: ("The bytes.", "")},
    also=(410,),
)
def fetched(_given: Given, ref: str, attachment_id: int) -> Response:
    person = current_person()
    ticket, actor = views.load(person, ref)
    return attachments.send(attachments.find(attachment_id, *_readable(ticket, actor, person)), inline_ok=False)


def _readable(ticket: Ticket, actor: Actor, person: Person) -> tuple[ColumnElement[bool], ...]:
    if actor.kind == "staff":
        return (merged.belongs(ticket),)
    return Message.ticket_id.in_(merged.told(ticket, person)), for_requester(person.id)
