"""Ready answers at the desk (W42, W43): what each asks, judged as every field is, and the text it gives then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from helpdesk.desk import enclosing
from helpdesk.desk.beforehand import choices, said
from helpdesk.desk.spoken import spoken
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.text import templates
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets import values
from helpdesk.tickets.models import Ticket
from helpdesk.web.action_forms import AskForm, Filling, form_of, raw_values
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action, Field, Input, Reply

ASKED = "answer-asked"  # in what is sent: the answer whose questions were shown


def find(name: str) -> Reply:
    """An answer of the desk in force. Raises NotFound."""
    reply = revisions.active().desk.replies.get(name)
    if reply is None:
        raise NotFound(_("There is no such answer."))
    return reply


def listed(person: Person, ticket: Ticket, spec: Action, form: AskForm) -> list[dict[str, Any]]:
    """The ready answers for an action's form: those that ask nothing with their text, the others with their form."""
    replies = revisions.active().desk.replies
    plain = {name: _in_language(reply, ticket) for name, reply in replies.items() if not reply.ask}
    try:
        texts = templates.render_all(plain, said(person, ticket, spec)) if plain else {}
    except TemplateFailed:  # one of them cannot be made now; it is offered again when all can
        texts = {}
    return [
        shown(person, ticket, spec, reply)
        | {"text": texts.get(name, ""), "files": enclosing.shown(enclosing.of(reply, form))}
        for name, reply in replies.items()
        if reply.ask or name in texts
    ]


def shown(person: Person, ticket: Ticket, spec: Action, reply: Reply, *, asks: AskForm | None = None) -> dict[str, Any]:
    """An answer for desk/_asked.html: with the form of what it asks, or `asks` as it was sent."""
    return {
        "name": reply.name,
        "label": reply.label,
        "field": "message",
        "asked": ASKED,
        "asks": (asks or form(person, ticket, spec, reply)) if reply.ask else None,
        "url": url_for("desk.ready_answer", ref=ticket.ref, action=spec.name, name=reply.name),
    }


def form(person: Person, ticket: Ticket, spec: Action, reply: Reply) -> AskForm:
    """What an answer asks: as it was sent, if its questions were shown, else as it begins."""
    inputs = [_input(field) for field in reply.ask]
    offered = {each.name: choices(person, ticket, spec, each.field.type) for each in inputs}
    known = said(person, ticket, spec) if any(each.show_if for each in inputs) else {}
    filling = Filling(choices=offered, names=known)
    return form_of(inputs, filling, prefix=f"ask-{reply.name}-", sent=was_asked(reply))


def was_asked(reply: Reply) -> bool:
    """Whether this request brings what the answer asks."""
    return request.form.get(ASKED) == reply.name


def text_of(person: Person, ticket: Ticket, spec: Action, reply: Reply, asks: AskForm | None) -> str:
    """The answer in the ticket's language, with what was asked put in. Raises Invalid with sentences for `asks`, and
    TemplateFailed.
    """
    known = said(person, ticket, spec)
    given: dict[str, Any] = {}
    if asks is not None:
        entered = values.read(asks.inputs, raw_values(asks), held={}, names=known)
        given = {each.name: spoken(entered.get(each.name), each.field, ticket.language) for each in asks.inputs}
    return templates.render(_in_language(reply, ticket), known | {"asked": given})


def _input(field: Field) -> Input:
    """A question as any form asks it. `message` is here a text like any other."""
    field = replace(field, type="textarea") if field.name == "message" else field
    return Input(name=field.name, field=field, required=field.required, show_if=field.show_if)


def _in_language(reply: Reply, ticket: Ticket) -> str:
    return reply.languages.get(ticket.language, reply.body)
