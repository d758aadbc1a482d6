"""A forgotten password: asking for a link, and choosing a new one behind it."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.account.blueprint import bp
from helpdesk.account.forms import ForgottenForm, NewPasswordForm
from helpdesk.account.sign_in import let_in
from helpdesk.db import session, writing
from helpdesk.people import one_time, passwords, staffing
from helpdesk.people.models import Person
from helpdesk.web import errors, letters, limits
from helpdesk.web.gates import for_everyone
from helpdesk.web.headers import secret_address
from helpdesk.web.visitors import network


@bp.route("/forgotten", methods=["GET", "POST"])
@for_everyone
def forgotten() -> ResponseReturnValue:
    """The same answer for every address (attack 61)."""
    form = ForgottenForm()
    sent = form.validate_on_submit()
    if sent:
        limits.spend("mailed_link_from", network())
        letters.ask("reset", form.email.data or "")
    sign_in_url = url_for("account.sign_in")
    page = render_template("account/forgotten.html", form=form, sent=sent, sign_in_url=sign_in_url)
    return page, 422 if form.errors else 200


@bp.route("/reset/<token>", methods=["GET", "POST"])
@for_everyone
@secret_address
def reset(token: str) -> ResponseReturnValue:
    """Looking changes nothing; the new password takes the link and ends all sign-ins. The second step stays."""
    errors.offer(_("Mail me a new link"), url_for("account.forgotten"))
    link = letters.opened(token, "reset", "invite")
    person = session().get_one(Person, link.person_id)
    form = NewPasswordForm(about=person)
    if form.validate_on_submit():
        kept = passwords.hashed(form.password.data or "", about=person)
        with writing():
            person, target = one_time.use(token, "reset", "invite")
            person.password_hash = kept
            staffing.sign_out_everywhere(person)
        return let_in(person, target)
    page = render_template("account/reset.html", form=form, email=person.email)
    return page, 422 if form.errors else 200
