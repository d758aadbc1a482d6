"""A person's own marks on a ticket: read, followed. They change nothing for anybody else, so they need no door."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.db import writing
from helpdesk.desk.blueprint import bp
from helpdesk.desk.ticket import load, show
from helpdesk.tickets import following, policy, unread
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_staff


@bp.post("/tickets/<ref>/read")
@for_staff
def read(ref: str) -> ResponseReturnValue:
    """The ticket was opened and looked at (W53)."""
    person = current_person()
    with writing():
        unread.clear(person, policy.find(person, ref).id)
    return "", 204


@bp.post("/tickets/<ref>/follow")
@for_staff
def follow(ref: str) -> ResponseReturnValue:
    """Follow the ticket, or no longer (`follow=no`): whoever follows hears of every action (W54)."""
    person = current_person()
    with writing():
        ticket = policy.find(person, ref)
        change = following.stop if request.form.get("follow") == "no" else following.start
        change(person, ticket.id)
    if is_fragment():
        return show(person, load(person, ref))
    return redirect(url_for("desk.ticket_page", ref=ref), 303)
