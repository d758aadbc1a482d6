"""The pages behind a customer's links: to rate an answer, and to reopen a request. Without signing in, for one request.

`…/link/rate/<token>/5` is the same page with five stars chosen: a mail may offer each as a link of its own (WS8). The
action is the first of its type that the customer may run where the request is now.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.actions import perform
from helpdesk.db import session
from helpdesk.errors import Invalid, NotFound, NotPossible
from helpdesk.pages.links.blueprint import bp, said
from helpdesk.tickets import action_links, fields, links, policy
from helpdesk.tickets.action_links import Purpose
from helpdesk.tickets.actors import customer
from helpdesk.tickets.models import Submission
from helpdesk.web import limits
from helpdesk.web.action_forms import AskForm, Filling, form_of, raw_values
from helpdesk.web.gates import for_everyone
from helpdesk.web.headers import secret_address
from helpdesk.web.mailed_links import Opened, opened
from helpdesk.workflows.schema import Action

CHOSEN = "rating"  # the input that a rating is chosen in


@bp.route("/rate/<token>", methods=["GET", "POST"])
@bp.route("/rate/<token>/<chosen>", methods=["GET", "POST"])
@for_everyone
@secret_address
def rate(token: str, chosen: str = "") -> ResponseReturnValue:
    """How good was it? `chosen`: what the link in the mail stood for; it can still be changed here."""
    return _page("rate", token, {CHOSEN: chosen} if chosen else {}, thanks=_("Your rating is with us."))


@bp.route("/reopen/<token>", methods=["GET", "POST"])
@for_everyone
@secret_address
def reopen(token: str) -> ResponseReturnValue:
    return _page("reopen", token, {}, thanks=_("Your request is open again."))


def _page(purpose: Purpose, token: str, chosen: dict[str, str], *, thanks: str) -> ResponseReturnValue:
    link = opened(purpose, token)
    if link.person.id != link.ticket.requester_id:  # it has become somebody else's since
        raise NotFound(action_links.WRONG)
    if session().get(Submission, link.claim.nonce) is not None:
        return _used(link, post=request.method == "POST")
    spec = _action(purpose, link)
    if spec is None:
        return _moved_on(link, post=request.method == "POST")
    form = form_of(spec.fields, Filling(held=fields.held(link.ticket), texts=chosen))
    if request.method == "GET":
        return _form_page(link, spec, form)
    limits.spend("mailed_action", str(link.person.id))
    return _do(link, spec, form, thanks)


def _do(link: Opened, spec: Action, form: AskForm, thanks: str) -> ResponseReturnValue:
    try:
        if not form.validate():
            return _form_page(link, spec, form), 422
        outcome = perform(link.ticket.id, spec.name, customer(link.person), raw_values(form), nonce=link.claim.nonce)
    except Invalid as invalid:
        form.refuse(invalid)
        return _form_page(link, spec, form), invalid.status
    except NotPossible as refused:
        return said(
            _("Not any more"), refused.sentence, status=refused.status, sign="clock", request_url=_request(link)
        )
    return _used(link, post=True) if outcome.repeated else said(_("Thank you"), thanks, request_url=_request(link))


def _used(link: Opened, *, post: bool) -> ResponseReturnValue:
    sentence = _("This link was used already. It works once.")
    return said(_("Done before"), sentence, status=409 if post else 200, request_url=_request(link))


def _moved_on(link: Opened, *, post: bool) -> ResponseReturnValue:
    sentence = _("%(ref)s has moved on since we sent the mail, so this cannot be done now.", ref=link.ticket.ref)
    status = 409 if post else 200
    return said(_("Not any more"), sentence, status=status, sign="clock", request_url=_request(link))


def _request(link: Opened) -> str:
    return links.cabinet_url(link.ticket.ref)


def _action(purpose: Purpose, link: Opened) -> Action | None:
    """The action the link stands for, if its owner may run it where the request is now."""
    offered = policy.actions_for(link.ticket, customer(link.person))
    return next((each for each in offered if each.type == purpose), None)


def _form_page(link: Opened, spec: Action, form: AskForm) -> str:
    shown: dict[str, Any] = {"label": spec.label, "color": spec.button.color}
    ticket = {"ref": link.ticket.ref, "subject": link.ticket.subject}
    return render_template("links/action.html", action=shown, ticket=ticket, form=form, url=request.path)
