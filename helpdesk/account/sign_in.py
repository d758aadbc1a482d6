"""Signing in with a password, and out again."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk import settings, stored
from helpdesk.account.blueprint import bp
from helpdesk.account.forms import SignInForm
from helpdesk.db import writing
from helpdesk.people import find, passwords, second_factor, staffing
from helpdesk.people.models import Person
from helpdesk.web import gates, limits, sign_ins
from helpdesk.web.gates import current_person, for_customers, for_everyone
from helpdesk.web.redirects import safe_next
from helpdesk.web.visitors import network

HOME = {"desk": "/desk/", "cabinet": "/my/"}


@bp.route("/sign-in", methods=["GET", "POST"])
@for_everyone
def sign_in() -> ResponseReturnValue:
    """The same answer whether the address is unknown, the password wrong or the person disabled (attack 61)."""
    if request.method == "GET" and gates.at_the_desk():
        return redirect(safe_next(request.args.get("next"), HOME["desk"]), 303)
    form = SignInForm(next=request.args.get("next"))
    if form.validate_on_submit():
        person = _proven(form.email.data or "", form.password.data or "")
        if person is not None:
            return let_in(person, form.next.data)
        form.form_errors.append(_("This address and this password do not go together."))
    page = render_template(
        "account/sign_in.html",
        form=form,
        forgotten_url=url_for("account.forgotten"),
        link_url=url_for("cabinet.sign_in"),
        demo_people=_demo_people(),
    )
    return page, 422 if form.errors else 200


@bp.post("/sign-out")
@for_everyone
def sign_out() -> ResponseReturnValue:
    with writing():
        sign_ins.end()
    return redirect("/", 303)


@bp.post("/sign-out-everywhere")
@for_customers
def sign_out_everywhere() -> ResponseReturnValue:
    with writing():
        staffing.sign_out_everywhere(current_person())
        sign_ins.end()
    return redirect("/", 303)


def let_in(person: Person, target: str | None) -> ResponseReturnValue:
    """Sign in somebody whose password was right: at the desk after the second step, where they have one (attack 75)."""
    audience: sign_ins.Audience = "desk" if person.is_staff else "cabinet"
    with writing():
        if person.is_staff and second_factor.is_on(person):
            sign_ins.begin(person, "pending")
            cookie["next"] = safe_next(target, HOME["desk"])
            return redirect(url_for("account.second_step"), 303)
        sign_ins.begin(person, audience)
    return redirect(safe_next(target, HOME[audience]), 303)


def _proven(email: str, password: str) -> Person | None:
    """Whose address and password these are. Tries are counted for the account and the network together (attack 71)."""
    limits.spend("sign_in_from", network())
    limits.spend("sign_in", find.normal(email), network())
    person = find.by_email(email)
    if not passwords.fits(person, password):
        return None
    limits.forgive("sign_in", find.normal(email), network())
    return person


def _demo_people() -> list[dict[str, Any]] | None:
    """In the demo the page tells whom one can be: what the demo kept for it."""
    return stored.get("demo_people") if settings.current().demo else None
