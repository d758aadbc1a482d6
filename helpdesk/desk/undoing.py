"""The buttons of a reply that has not left: take it back into the form, send it all the same, or discard it."""

from __future__ import annotations

import json

from flask import flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.actions import waiting
from helpdesk.desk import unsent
from helpdesk.desk.blueprint import bp
from helpdesk.desk.composing import composer, form_for
from helpdesk.desk.doing import spec_of
from helpdesk.desk.ticket import load, show
from helpdesk.people.models import Person
from helpdesk.tickets import waiting as rows
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_staff


@bp.post("/tickets/<ref>/waiting/<int:reply_id>/<any(undo, send, discard):what>", endpoint="waiting")
@for_staff
def waiting_reply(ref: str, reply_id: int, what: str) -> ResponseReturnValue:
    """What has left cannot be taken back, and says so."""
    person = current_person()
    ticket = load(person, ref)
    if what == "undo":
        waiting.take_back(ticket.id, reply_id, staff(person))
        return _in_its_form(person, ticket, reply_id)
    if what == "discard":
        waiting.discard(ticket.id, reply_id, staff(person))
        return _shown(person, ref, _("Discarded. Nothing was sent."), "success")
    left = waiting.send_now(ticket.id, reply_id, staff(person))
    return _shown(person, ref, _("Sent.") if left else _("It was not sent."), "success" if left else "error")


def _in_its_form(person: Person, ticket: Ticket, reply_id: int) -> ResponseReturnValue:
    """The text is where it was written."""
    row = rows.find(person.id, ticket.id, reply_id)
    if not is_fragment():
        return redirect(url_for("desk.do", ref=ticket.ref, action=row.action, waiting=row.id), 303)
    spec = spec_of(ticket, row.action)
    form = form_for(person, ticket, spec)
    enclosed = unsent.put_back(form, row)
    return show(person, ticket, composer=composer(person, ticket, spec, form, enclosed=enclosed, continues=row.id))


def _shown(person: Person, ref: str, said: str, kind: str) -> ResponseReturnValue:
    if not is_fragment():
        flash(said, kind)
        return redirect(url_for("desk.ticket_page", ref=ref), 303)
    response = make_response(show(person, load(person, ref)))
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": said, "kind": kind}})
    return response
