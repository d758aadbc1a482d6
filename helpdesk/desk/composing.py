"""The form of an action on a ticket: what it asks, what it holds at first, and what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for

from helpdesk.actions.run import Run
from helpdesk.desk import answers, enclosing, side_forms, unsent, words
from helpdesk.desk.beforehand import choices, said, workflow_after
from helpdesk.people import reach
from helpdesk.people.models import Person
from helpdesk.text import templates
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets import fields, policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.values import Values
from helpdesk.web import nonces
from helpdesk.web.action_forms import AskForm, Filling, form_of
from helpdesk.web.readable import number
from helpdesk.workflows import macros, revisions
from helpdesk.workflows.schema import Action


def form_for(person: Person, ticket: Ticket, spec: Action) -> AskForm:
    """The action's form: as it was sent, or filled with the ticket's values and the action's default text."""
    inputs = side_forms.asked(policy.inputs_for(spec, staff(person)))
    # An action that asks for these changes the ticket's own.
    texts: dict[str, Any] = {"subject": ticket.subject, "tags": ", ".join(tag.name for tag in ticket.tags)}
    failed = ""
    default_text = next((each.default_text for each in _whole(ticket, spec) if each.default_text), None)
    if default_text and request.method == "GET":
        try:
            texts["message"] = templates.render(default_text, said(person, ticket, spec))
        except TemplateFailed as problem:  # the form opens without it, and says why
            failed = problem.sentence
    if request.method == "GET":
        texts |= side_forms.begins_with(ticket, spec)
    offered = {each.name: choices(person, ticket, spec, each.field.type) for each in inputs}
    known = said(person, ticket, spec) if any(each.show_if for each in inputs) else {}
    form = form_of(inputs, Filling(held=fields.held(ticket), texts=texts, choices=offered, names=known))
    if failed:
        form.form_errors.append(failed)
    return form


def composer(
    person: Person,
    ticket: Ticket,
    spec: Action,
    form: AskForm,
    *,
    changes: Sequence[str] = (),
    asking: dict[str, Any] | None = None,
    enclosed: Sequence[str] = (),
    continues: int | None = None,
) -> dict[str, Any]:
    """For desk/_composer.html. `changes`: what happened while the form was being filled in; then it counts as seen.
    `asking`: the ready answer whose questions stand in the form itself, for who has no script (`answers.shown`);
    `enclosed`: files of ready answers besides those that were sent with the form. `continues`: a reply that had not
    left, whose text this is.
    """
    enclosing.show(form, enclosed)
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
            "aside": spec.type == "consult",
            "internal": asks_message
            and spec.type != "consult"
            and all(_is_internal(person, ticket, each) for each in speaking),
            "leads_to": words.state(workflow_after(ticket, spec), targets[0].to)
            if len(spec.to) == len(targets) == 1
            else None,
            "confirm": spec.button.confirm,
        },
        "form": form,
        "to": [ticket.requester.email] if to_customer and ticket.requester.email else [],
        "lost": reach.lost(ticket.requester) if to_customer else None,
        "answers": answers.listed(person, ticket, spec, form) if asks_message else [],
        "asking": asking,
        "changes": changes,
        "seen": ticket.version,
        "nonce": nonces.fresh() if continues else request.form.get("nonce") or nonces.fresh(),
        "continues": continues or request.form.get(unsent.MINE, type=number),
        "cancel_url": url_for("desk.ticket_page", ref=ticket.ref),
    }


def _whole(ticket: Ticket, spec: Action) -> list[Action]:
    """The action, and what it runs if it is a macro."""
    known = revisions.active().desk.workflows[ticket.workflow].actions
    return [spec, *(known[name] for name in macros.parts(spec))]


def _is_internal(person: Person, ticket: Ticket, spec: Action) -> bool:
    return Run(ticket, spec, staff(person), Values()).audience == "internal"
