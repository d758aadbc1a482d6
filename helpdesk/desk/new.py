"""A new ticket, entered at the desk for a customer: what a web form asks, asked by an agent (the right `create`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk import intake
from helpdesk.channels.forms import submission
from helpdesk.db import session
from helpdesk.desk.blueprint import bp
from helpdesk.desk.frame import may_create
from helpdesk.errors import Invalid
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket
from helpdesk.web import nonces
from helpdesk.web.action_forms import AskForm, form_of, raw_values
from helpdesk.web.gates import current_person, for_staff
from helpdesk.workflows.schema import Input, Source


@bp.get("/tickets/new", endpoint="new")
@for_staff
def ask() -> ResponseReturnValue:
    """The form; `?form=` chooses among several."""
    source = _source()
    return _page(source, _form(source, current_person()))


@bp.post("/tickets/new", endpoint="open")
@for_staff
def open_it() -> ResponseReturnValue:
    """Open it. The customer is told as if they had written; the history says who entered it."""
    person, source = current_person(), _source()
    form = _form(source, person)
    if not form.validate():
        return _page(source, form, status=422)
    nonce = nonces.bound(request.form.get("nonce", ""), "new", person.id, source.name)
    try:
        inbound = submission.read(source, _entered(source, form), by=person, nonce=nonce)
        received = intake.receive(inbound)
    except Invalid as invalid:
        form.refuse(invalid)
        return _page(source, form, status=422)
    ticket = session().get_one(Ticket, received.ticket_id)
    if policy.sees(person, ticket):
        return redirect(url_for("desk.ticket_page", ref=received.ref), 303)
    flash(_("%(ref)s was opened. You do not see tickets in its state.", ref=received.ref), "success")
    return redirect(url_for("desk.queue"), 303)


def _form(source: Source, by: Person) -> AskForm:
    """The customer's agreement is theirs to give: an agent may note that they gave it, and is not asked to agree."""
    asked = submission.inputs(source, person=None, by=by)
    return form_of([_noted(each) if each.field.type == "agreement" else each for each in asked])


def _noted(asked: Input) -> Input:
    field = replace(asked.field, type="checkbox", label=_("The customer has agreed"), help=asked.field.said)
    return replace(asked, field=field)


def _entered(source: Source, form: AskForm) -> dict[str, Any]:
    """What was entered. An agreement that was not noted is no refusal: nothing is said of it."""
    agreements = {each.name for each in submission.inputs(source, person=None) if each.field.type == "agreement"}
    return {name: value for name, value in raw_values(form).items() if name not in agreements or value == "yes"}


def _source() -> Source:
    """The form that is filled in. For who may open no ticket, nothing is there."""
    if not may_create(current_person()):
        abort(404)
    listed = submission.sources()
    chosen = next((each for each in listed if each.name == request.args.get("form")), None)
    return chosen or listed[0]


def _page(source: Source, form: AskForm, *, status: int = 200) -> tuple[str, int]:
    choices: list[dict[str, Any]] = [
        {
            "label": each.label or each.name,
            "url": url_for("desk.new", form=each.name),
            "active": each.name == source.name,
        }
        for each in submission.sources()
    ]
    shown = {
        "form": form,
        "title": source.label or source.name,
        "url": url_for("desk.open", form=source.name),
        "choices": choices,
        "nonce": request.form.get("nonce") or nonces.fresh(),
    }
    return render_template("desk/new.html", **shown), status
