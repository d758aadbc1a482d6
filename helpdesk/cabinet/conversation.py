"""One request: its conversation, the answer box, what else its customer can do, and its files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.actions import perform
from helpdesk.cabinet import states
from helpdesk.cabinet.blueprint import bp
from helpdesk.cabinet.story import story
from helpdesk.delivery.payments import expected_by, may_pretend
from helpdesk.errors import Invalid, NotFound, NotPossible, Stale, TooMany
from helpdesk.people.models import Person
from helpdesk.tickets import action_links, actors, fields, merged, payments, policy
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Message, Ticket
from helpdesk.web import attachments, confirming, limits, nonces
from helpdesk.web.action_forms import AskForm, Filling, form_of, raw_values
from helpdesk.web.gates import current_person, for_customers
from helpdesk.web.money import money
from helpdesk.web.readable import number
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action


@bp.get("/requests/<ref>")
@for_customers
def conversation(ref: str) -> ResponseReturnValue:
    """The conversation; of a request that was merged, that of the one it is part of now."""
    person = current_person()
    ticket = _ticket(person, ref)
    if ticket.merged_into_id is None:
        return _page(ticket, person)
    stays = _ticket(person, str(ticket.merged_into_id))
    return redirect(url_for("cabinet.conversation", ref=stays.ref), 303)


@bp.route("/requests/<ref>/do/<action>", methods=["GET", "POST"])
@for_customers
def do(ref: str, action: str) -> ResponseReturnValue:
    """The form of one action, or its run. The door judges it all again, so no address opens what no button offers. What
    somebody wrote comes back whatever refused it.
    """
    person = current_person()
    ticket = _ticket(person, ref)
    refused = policy.refusal(ticket, action, actors.customer(person))
    if refused and not (request.method == "POST" and isinstance(refused, NotPossible)):
        raise refused
    spec = revisions.active().desk.workflows[ticket.workflow].actions[action]
    form = _form(ticket, spec, person)
    if refused and not form.inputs:
        raise refused
    if request.method == "GET" or confirming.is_open(spec, form):
        return _form_page(ticket, spec, form)
    try:
        if refused:
            raise refused
        limits.spend("reply", str(person.id))
        if not form.validate():
            return _again(ticket, person, spec, form)
        values = raw_values(form)
        nonce = nonces.bound(request.form.get("nonce", ""), "do", person.id, ticket.id, action)
        outcome = perform(ticket, action, actors.customer(person), values, seen=_seen(), nonce=nonce)
    except Invalid as invalid:
        form.refuse(invalid)
        return _again(ticket, person, spec, form)
    except Stale:
        form.form_errors.append(
            _("Something new has happened here meanwhile. Look at it, then send again if it still fits.")
        )
        return _again(ticket, person, spec, form, status=409)
    except (NotPossible, TooMany) as not_now:
        form.form_errors.append(not_now.sentence)
        return _again(ticket, person, spec, form, status=not_now.status)
    flash(_("Sent. We have it.") if values.get("message") else _("Done."), "success")
    there = url_for("cabinet.conversation", ref=outcome.ref) if outcome.in_sight else url_for("cabinet.requests")
    return redirect(there, 303)


@bp.get("/requests/<ref>/files/<int:attachment_id>")
@for_customers
def file(ref: str, attachment_id: int) -> Response:
    person = current_person()
    of_this = Message.ticket_id.in_(merged.told(_ticket(person, ref), person))
    return attachments.send(attachments.find(attachment_id, of_this, for_requester(person.id)))


def _ticket(person: Person, ref: str) -> Ticket:
    return policy.find(person, ref, as_customer=True)


def _page(ticket: Ticket, person: Person, answering: AskForm | None = None) -> str:
    """The conversation. `answering`: the answer as it was sent, when it could not be taken."""
    workflow = revisions.active().desk.workflows[ticket.workflow]
    named = workflow.states[ticket.state].on_message.customer
    offered = policy.actions_for(ticket, actors.customer(person))
    answer = next((each for each in offered if each.name == named), None)
    told, older = story(ticket, person, before=request.args.get("before", type=number))
    return render_template(
        "cabinet/request.html",
        request={
            "ref": ticket.ref,
            "url": url_for("cabinet.conversation", ref=ticket.ref),
            "print_url": url_for("cabinet.printed", ref=ticket.ref),
            "subject": ticket.subject,
            "state": states.shown(ticket.workflow, ticket.state),
            "created_at": ticket.created_at,
        },
        timeline=told,
        older_url=url_for("cabinet.conversation", ref=ticket.ref, before=older) if older else None,
        answer=_answer(ticket, person, answer, answering) if answer else None,
        actions=[_button(ticket, person, each) for each in offered if each is not answer],
        version=ticket.version,
        nonce=nonces.fresh(),
        pay=_to_pay(ticket, person),
        facts=[],
        list_url=url_for("cabinet.requests"),
    )


def _to_pay(ticket: Ticket, person: Person) -> dict[str, str] | None:
    """What the customer is asked to pay now, and where, if a button can do it. A workflow that never asks costs no
    question.
    """
    workflow = revisions.active().desk.workflows[ticket.workflow]
    if not any(action.type == "request_payment" for action in workflow.actions.values()):
        return None
    asked = payments.asked(ticket)
    if asked is None or expected_by(ticket) is None:
        return None
    url = action_links.url("pay", ticket_id=ticket.id, person_id=person.id, round=asked.id)
    return {"amount": money(asked.due, asked.currency), "url": urlsplit(url).path if may_pretend() else ""}


def _form(ticket: Ticket, spec: Action, person: Person) -> AskForm:
    """The form of an action. What it hides is decided on the page by what the customer enters and has entered; what it
    asks of the house stays there, and is judged by the door.
    """
    return form_of(policy.inputs_for(spec, actors.customer(person)), Filling(held=fields.held(ticket)))


def _answer(ticket: Ticket, person: Person, spec: Action, sent: AskForm | None) -> dict[str, Any]:
    form = sent or _form(ticket, spec, person)
    return {"form": form, "label": spec.label, "url": _url(ticket, spec)}


def _button(ticket: Ticket, person: Person, spec: Action) -> dict[str, Any]:
    return {
        "name": spec.name,
        "label": spec.label,
        "color": spec.button.color,
        "url": _url(ticket, spec),
        "confirm": spec.button.confirm,
        "one_click": not policy.inputs_for(spec, actors.customer(person)),
    }


def _form_page(ticket: Ticket, spec: Action, form: AskForm) -> str:
    return render_template(
        "cabinet/action.html",
        request={"ref": ticket.ref, "url": url_for("cabinet.conversation", ref=ticket.ref), "subject": ticket.subject},
        action={
            "label": spec.label,
            "color": spec.button.color,
            "url": _url(ticket, spec),
            "confirm": spec.button.confirm,
        },
        form=form,
        version=ticket.version,
        nonce=nonces.fresh(),
    )


def _again(ticket: Ticket, person: Person, spec: Action, form: AskForm, *, status: int = 422) -> ResponseReturnValue:
    """What was sent, with what is wrong about it, where it was written. Nothing has changed."""
    workflow = revisions.active().desk.workflows[ticket.workflow]
    is_answer = workflow.states[ticket.state].on_message.customer == spec.name
    page = _page(ticket, person, form) if is_answer else _form_page(ticket, spec, form)
    return page, status


def _url(ticket: Ticket, spec: Action) -> str:
    return url_for("cabinet.do", ref=ticket.ref, action=spec.name)


def _seen() -> int | None:
    """The version of the ticket the page was drawn from. Raises NotFound for what no page of ours sends."""
    seen = request.form.get("seen", "")
    if seen and not (seen.isdecimal() and len(seen) < 10):
        raise NotFound(policy.NOT_THERE)
    return int(seen) if seen else None
