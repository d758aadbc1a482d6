"""The public forms at /forms/<slug>, as the workflow file describes them (W50).

Against robots: a field that people do not see, a limit for each network, a once-only number in each form. What is sent
goes through the door; the receipt that follows says no word of the sender's to an address that proved nothing
(attack 33).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk import intake
from helpdesk.channels import confirming
from helpdesk.channels.forms import submission
from helpdesk.db import writing
from helpdesk.errors import Invalid, TooMany
from helpdesk.people.bans import Banned
from helpdesk.people.models import Person
from helpdesk.web import gates, limits, nonces
from helpdesk.web.action_forms import AskForm, form_of, raw_values
from helpdesk.web.gates import for_everyone
from helpdesk.web.visitors import network
from helpdesk.workflows.schema import Source

bp = Blueprint("forms", __name__, url_prefix="/forms")

TRAP = "website_2"  # no person sees it, so no person fills it in
SENT = "forms_sent"  # where the visitor's cookie keeps what the thanks page may say


@bp.get("/<slug>")
@for_everyone
def ask(slug: str) -> ResponseReturnValue:
    """The form."""
    source = submission.by_slug(slug)
    person = _asker(source)
    return _page(source, form_of(submission.inputs(source, person=person)), person)


@bp.post("/<slug>")
@for_everyone
def send(slug: str) -> ResponseReturnValue:
    """Take what was filled in. The same form sent twice is one request."""
    source = submission.by_slug(slug)
    person = _asker(source)
    form = form_of(submission.inputs(source, person=person))
    try:
        limits.spend("form", network())
    except TooMany as wait:  # a whole office may share one network: nobody has to write it again
        form.form_errors.append(wait.sentence)
        page, status = _page(source, form, person, status=wait.status)
        return page, status, {"Retry-After": str(wait.retry_after)}
    if request.form.get(TRAP):
        return redirect(url_for("forms.thanks", slug=slug), 303)  # a robot learns nothing
    if not form.validate():
        return _page(source, form, person, status=422)
    nonce = nonces.bound(request.form.get("nonce", ""), "form", source.name)
    try:
        inbound = submission.read(source, raw_values(form), person=person, nonce=nonce)
        if confirming.asks(inbound):
            with writing():
                confirming.wait(inbound)
            session[SENT] = {"slug": slug, "confirm": inbound.address}
            return redirect(url_for("forms.thanks", slug=slug), 303)
        received = intake.receive(inbound)
    except Invalid as invalid:
        form.refuse(invalid)
        return _page(source, form, person, status=422)
    except Banned as banned:
        form.form_errors.append(banned.sentence)
        return _page(source, form, person, status=banned.status)
    session[SENT] = {"slug": slug, "ref": received.ref}
    if source.options.after.redirect:
        return redirect(source.options.after.redirect, 303)
    return redirect(url_for("forms.thanks", slug=slug), 303)


@bp.get("/<slug>/thanks")
@for_everyone
def thanks(slug: str) -> ResponseReturnValue:
    """We have it."""
    source = submission.by_slug(slug)
    sent = session.get(SENT) or {}
    sent = sent if sent.get("slug") == slug else {}
    shown: dict[str, Any] = {
        "text": source.options.after.text or None,
        "ref": sent.get("ref"),
        "confirm": sent.get("confirm"),
        "email": None,
        "requests_url": url_for("cabinet.requests"),
        "home_url": url_for("home.home"),
    }
    return render_template("forms/thanks.html", **shown)


def _asker(source: Source) -> Person | None:
    """Who is signed in, where the form cares: one with `login: none` asks everybody alike, one with `login: required`
    sends whoever is not to sign in, and back.
    """
    if source.options.login == "none":
        return None
    person = gates.visitor()
    if person is None and source.options.login == "required":
        back = url_for("forms.ask", slug=source.options.slug)
        abort(redirect(url_for("cabinet.sign_in", next=back), 303))
    return person


def _page(source: Source, form: AskForm, person: Person | None, *, status: int = 200) -> tuple[str, int]:
    shown = {
        "form": form,
        "title": source.label or _("Write to us"),
        "intro": _("You write as %(who)s.", who=person.email) if person else None,
        "url": url_for("forms.send", slug=source.options.slug),
        "button": None,
        "trap": TRAP,
        "nonce": request.form.get("nonce") or nonces.fresh(),
    }
    return render_template("forms/form.html", **shown), status
