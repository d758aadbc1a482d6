"""The form of an action on a ticket: what it asks, what it holds at first, and the ready answers beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.desk import words
from helpdesk.desk.beyond import messages_of, others_of
from helpdesk.errors import NotFound
from helpdesk.people.models import Membership, Person, PersonRole
from helpdesk.routing.members import assignable
from helpdesk.text import templates
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets import fields, links, names, policy, tagging
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.values import Values
from helpdesk.web import nonces
from helpdesk.web.action_forms import AskForm, Filling, form_of
from helpdesk.web.form_fields import Choices
from helpdesk.workflows import macros, revisions
from helpdesk.workflows.schema import Action, Field, Reply

CONTROLS = {"date": "date", "datetime": "datetime-local", "email": "email", "phone": "tel", "url": "url"}


def form_for(person: Person, ticket: Ticket, spec: Action) -> AskForm:
    """The action's form: as it was sent, or filled with the ticket's values and the action's default text."""
    inputs = policy.inputs_for(spec, staff(person))
    # An action that asks for these changes the ticket's own.
    texts = {"subject": ticket.subject, "tags": ", ".join(tag.name for tag in ticket.tags)}
    failed = ""
    default_text = next((each.default_text for each in _whole(ticket, spec) if each.default_text), None)
    if default_text and request.method == "GET":
        try:
            texts["message"] = templates.render(default_text, said(person, ticket, spec))
        except TemplateFailed as problem:  # the form opens without it, and says why
            failed = problem.sentence
    choices = {each.name: _choices(person, ticket, spec, each.field.type) for each in inputs}
    known = said(person, ticket, spec) if any(each.show_if for each in inputs) else {}
    form = form_of(inputs, Filling(held=fields.held(ticket), texts=texts, choices=choices, names=known))
    if failed:
        form.form_errors.append(failed)
    return form


def composer(
    person: Person, ticket: Ticket, spec: Action, form: AskForm, *, changes: Sequence[str] = ()
) -> dict[str, Any]:
    """For desk/_composer.html. `changes`: what happened while the form was being filled in; then it counts as seen."""
    asks_message = any(each.name == "message" for each in form.inputs)
    whole = _whole(ticket, spec)
    speaking = [each for each in whole if any(one.name == "message" for one in each.fields) and each.type != "macro"]
    to_customer = any("customer" in email.to for each in whole for email in each.emails)
    targets = [branch for branch in spec.to if branch.to != "same"]
    url = url_for("desk.do", ref=ticket.ref, action=spec.name)
    return {
        "action": {
            "name": spec.name,
            "label": spec.label,
            "color": spec.button.color,
            "url": url,
            "internal": asks_message and all(_is_internal(person, ticket, each) for each in speaking),
            "leads_to": words.state(_workflow(ticket, spec), targets[0].to)
            if len(spec.to) == len(targets) == 1
            else None,
            "confirm": spec.button.confirm,
        },
        "form": form,
        "to": [ticket.requester.email] if to_customer and ticket.requester.email else [],
        "answers": _answers(person, ticket, spec) if asks_message else [],
        "changes": changes,
        "seen": ticket.version,
        "nonce": request.form.get("nonce") or nonces.fresh(),
        "cancel_url": url_for("desk.ticket_page", ref=ticket.ref),
    }


def answer(person: Person, ticket: Ticket, spec: Action, name: str, asked: Mapping[str, str]) -> str:
    """A ready answer with what was asked put in. Raises NotFound and TemplateFailed."""
    reply = revisions.active().desk.replies.get(name)
    if reply is None:
        raise NotFound("There is no such answer.")
    given = {each.name: asked.get(each.name, "") for each in reply.ask}
    return templates.render(_in_language(reply, ticket), said(person, ticket, spec) | {"asked": given})


def said(person: Person, ticket: Ticket, spec: Action) -> dict[str, Any]:
    """The names that a default text and a ready answer may use."""
    known = names.of_ticket(ticket, actor=staff(person), fields=fields.held(ticket), action=spec)
    return known | {"links": {"cabinet": links.cabinet_url(ticket.ref), "desk": links.desk_url(ticket.ref)}}


def _choices(person: Person, ticket: Ticket, spec: Action, kind: str) -> Choices:
    """What can be chosen where the file does not say it."""
    if kind == "user":
        return people_for(ticket, spec)
    if kind == "ticket":
        return others_of(person, ticket)
    if kind == "tags":
        return [(name, "") for name in tagging.in_use()]
    return messages_of(ticket) if kind == "messages" else ()


def people_for(ticket: Ticket, spec: Action) -> Choices:
    """Who can be chosen: those who may be assigned and see a state the ticket can go to, and the groups."""
    branches = [branch.to for branch in spec.to] or ["same"]
    states = {ticket.state if name == "same" else name for name in branches}
    if spec.options.elsewhere and not spec.to:
        states = {revisions.active().desk.workflows[spec.options.elsewhere].initial}
    roles, members = select(PersonRole.person_id), select(Membership.person_id)
    query = select(Person).where(Person.id.in_(roles) | Person.id.in_(members), Person.disabled_at.is_(None))
    people = [
        person
        for person in session().scalars(query)
        if any(assignable(person, workflow=_workflow(ticket, spec), state=state) for state in states)
    ]
    listed = sorted(((each.email, each.shown_name) for each in people if each.email), key=lambda one: one[1].casefold())
    groups = [(f"group:{group.name}", group.label) for group in revisions.active().desk.groups.values()]
    return [*listed, *groups]


def _whole(ticket: Ticket, spec: Action) -> list[Action]:
    """The action, and what it runs if it is a macro."""
    known = revisions.active().desk.workflows[ticket.workflow].actions
    return [spec, *(known[name] for name in macros.parts(spec))]


def _workflow(ticket: Ticket, spec: Action) -> str:
    """The workflow in which the ticket is afterwards."""
    return spec.options.elsewhere or ticket.workflow


def _is_internal(person: Person, ticket: Ticket, spec: Action) -> bool:
    return Run(ticket, spec, staff(person), Values()).audience == "internal"


def _answers(person: Person, ticket: Ticket, spec: Action) -> list[dict[str, Any]]:
    """The ready answers: those that ask nothing with their text, the others with what they ask (W42, W43)."""
    replies = revisions.active().desk.replies
    plain = {name: _in_language(reply, ticket) for name, reply in replies.items() if not reply.ask}
    try:
        texts = templates.render_all(plain, said(person, ticket, spec)) if plain else {}
    except TemplateFailed:  # one of them cannot be made now; it is offered again when all can
        texts = {}
    return [
        {
            "name": name,
            "label": reply.label,
            "text": texts.get(name, ""),
            "field": "message",
            "asks": [_asked(each) for each in reply.ask],
            "url": url_for("desk.ready_answer", ref=ticket.ref, action=spec.name, name=name),
        }
        for name, reply in replies.items()
        if reply.ask or name in texts
    ]


def _asked(field: Field) -> dict[str, Any]:
    """A question of a ready answer, and the control that suits it."""
    yes_or_no = {"yes": _("Yes"), "no": _("No")} if field.type == "checkbox" else {}
    return {
        "name": field.name,
        "label": field.label,
        "help": field.help,
        "choices": field.choices or yes_or_no,
        "control": CONTROLS.get(field.type, "text"),
        "mode": "decimal" if field.type in ("number", "money") else None,
        "required": field.required,
    }


def _in_language(reply: Reply, ticket: Ticket) -> str:
    return reply.languages.get(ticket.language, reply.body)
