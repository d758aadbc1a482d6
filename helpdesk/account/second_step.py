"""The second step of signing in, turning it on and off."""

from __future__ import annotations

import segno
from flask import flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from helpdesk.account.blueprint import bp
from helpdesk.account.forms import CodeForm, SetUpForm
from helpdesk.db import writing
from helpdesk.people import passwords, second_factor, staffing
from helpdesk.web import limits, shell, sign_ins
from helpdesk.web.gates import current_person, for_everyone, for_staff
from helpdesk.web.redirects import safe_next

SEED = "second_step_seed"  # in the cookie, while it is being set up; by itself it opens nothing


@bp.route("/two-factor", methods=["GET", "POST"], endpoint="second_step")
@for_everyone
def second_step() -> ResponseReturnValue:
    """The digits, after the password. Five tries in a quarter of an hour, whatever the network (attack 75)."""
    half = sign_ins.pending()
    if half is None:
        return redirect(url_for("account.sign_in"), 303)
    form, person = CodeForm(), half.person
    if form.validate_on_submit():
        limits.spend("second_step", str(person.id))
        target = safe_next(cookie.get("next"), "/desk/")
        with writing():
            right = second_factor.passes(person, form.code.data or "")
            if right:
                sign_ins.begin(person, "desk")
        if right:
            limits.forgive("second_step", str(person.id))
            return redirect(target, 303)
        form.code.errors = [_("This code is not right, or was used already. Wait for the next one.")]
    page = render_template("account/two_factor.html", form=form, cancel_url=url_for("account.sign_in"))
    return page, 422 if form.errors else 200


@bp.route("/two-factor/set-up", methods=["GET", "POST"], endpoint="second_step_set_up")
@for_staff
def set_up() -> ResponseReturnValue:
    """Turn it on: with a code from the new authenticator, and the password, so that an open desk is not enough."""
    person = current_person()
    if second_factor.is_on(person):
        return redirect(url_for("account.password"), 303)
    seed = cookie.setdefault(SEED, second_factor.new_seed())
    form = SetUpForm()
    if form.validate_on_submit():
        limits.spend("second_step", str(person.id))
        if not passwords.fits(person, form.password.data or ""):
            form.password.errors = [_("This is not your password.")]
        elif _turn_on(seed, form.code.data or ""):
            flash(_("The second step is on. You are signed out everywhere else."), "success")
            return redirect(url_for("account.password"), 303)
        else:
            form.code.errors = [_("This code is not right. Is the clock of your phone right?")]
    page = render_template(
        "account/two_factor_setup.html",
        form=form,
        qr=_picture(second_factor.address(seed, email=person.email, brand=shell.brand())),
        secret=_in_fours(second_factor.secret_of(seed)),
    )
    return page, 422 if form.errors else 200


@bp.route("/two-factor/off", methods=["GET", "POST"], endpoint="second_step_off")
@for_staff
def turn_off() -> ResponseReturnValue:
    """Turn it off, with a last code."""
    form, person = CodeForm(), current_person()
    if form.validate_on_submit():
        limits.spend("second_step", str(person.id))
        with writing():
            right = second_factor.passes(person, form.code.data or "")
            if right:
                second_factor.turn_off(person)
        if right:
            flash(_("The second step is off. Your password alone lets you in."), "warning")
            return redirect(url_for("account.password"), 303)
        form.code.errors = [_("This code is not right, or was used already. Wait for the next one.")]
    page = render_template("account/two_factor_off.html", form=form, cancel_url=url_for("account.password"))
    return page, 422 if form.errors else 200


def _turn_on(seed: str, code: str) -> bool:
    person = current_person()
    with writing():
        on = second_factor.turn_on(person, seed, code)
        if on:
            staffing.sign_out_everywhere(person)
            sign_ins.begin(person, "desk")
    return on


def _in_fours(secret: str) -> str:
    """As it is typed without losing the place; authenticators leave the gaps out."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _picture(address: str) -> Markup:
    """The address as a QR code: plain SVG without a style, as the content policy wants it."""
    svg = segno.make(address, error="m").svg_inline(
        border=2, omitsize=True, svgclass=None, lineclass=None, light="#fff"
    )
    return Markup(svg)  # noqa: S704 - squares of our own making
