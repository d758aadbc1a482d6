"""The own account of somebody who works at the desk: a new password, the second step, where one is signed in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.account.blueprint import bp
from helpdesk.account.devices import name_of
from helpdesk.account.forms import ChangePasswordForm
from helpdesk.db import writing
from helpdesk.people import passwords, second_factor, staffing
from helpdesk.people.models import Person
from helpdesk.web import limits, sign_ins
from helpdesk.web.gates import current_person, for_staff
from helpdesk.web.visitors import network


@bp.route("/password", methods=["GET", "POST"])
@for_staff
def password() -> ResponseReturnValue:
    person = current_person()
    form = ChangePasswordForm(about=person)
    if form.validate_on_submit():
        limits.spend("sign_in", person.email, network())
        if passwords.fits(person, form.current.data or ""):
            _change(person, form.password.data or "")
            flash(_("The password is changed. You are signed out everywhere else."), "success")
            return redirect(url_for("account.password"), 303)
        form.current.errors = [_("This is not your password.")]
    page = render_template(
        "account/password.html",
        form=form,
        two_factor={
            "on": second_factor.is_on(person),
            "url": url_for("account.second_step_set_up"),
            "off_url": url_for("account.second_step_off"),
        },
        sessions=_sessions(person),
        sign_out_everywhere_url=url_for("account.sign_out_everywhere"),
    )
    return page, 422 if form.errors else 200


def _change(person: Person, new: str) -> None:
    """With the old password go the mailed links and every other sign-in; this browser gets a fresh token."""
    kept = passwords.hashed(new, about=person)
    with writing():
        person.password_hash = kept
        staffing.sign_out_everywhere(person)
        sign_ins.begin(person, "desk")
    limits.forgive("sign_in", person.email, network())


def _sessions(person: Person) -> list[dict[str, Any]]:
    here = sign_ins.current()
    return [
        {
            "device": name_of(each.browser),
            "place": each.ip,
            "seen_at": each.created_at,
            "current": here is not None and each.token_hash == here.token_hash,
        }
        for each in sign_ins.of_person(person)
    ]
