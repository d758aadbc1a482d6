"""Signing in with a mailed link. Opening the link only shows a button; pressing it takes the link (attack 68)."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import DataRequired, Length

from helpdesk.cabinet.blueprint import bp
from helpdesk.db import writing
from helpdesk.errors import NotFound
from helpdesk.people import one_time
from helpdesk.web import errors, gates, letters, limits, sign_ins
from helpdesk.web.gates import for_everyone
from helpdesk.web.headers import secret_address
from helpdesk.web.redirects import safe_next
from helpdesk.web.visitors import network

HOME = "/my/"


class AddressForm(FlaskForm):
    email = EmailField(
        _l("E-mail"),
        [DataRequired(_l("Please fill this in.")), Length(max=254)],
        render_kw={"autocomplete": "email"},
    )


@bp.route("/sign-in", methods=["GET", "POST"])
@for_everyone
def sign_in() -> ResponseReturnValue:
    """The same page, in the same time, for an address we know and one we do not (attack 61)."""
    if request.method == "GET" and gates.visitor() is not None:
        return redirect(safe_next(request.args.get("next"), HOME), 303)
    form = AddressForm()
    if form.validate_on_submit():
        limits.spend("mailed_link_from", network())
        email = (form.email.data or "").strip()
        letters.ask("sign_in", email, target=safe_next(request.args.get("next"), ""))
        return render_template(
            "cabinet/sign_in_sent.html",
            email=email,
            minutes=int(one_time.LASTS["sign_in"].total_seconds()) // 60,
            again_url=url_for("cabinet.sign_in"),
        )
    page = render_template("cabinet/sign_in.html", form=form, password_url=url_for("account.sign_in"))
    return page, 422 if form.errors else 200


@bp.get("/sign-in/<token>")
@for_everyone
@secret_address
def link(token: str) -> ResponseReturnValue:
    """A page with a button. Mail scanners that follow links find nothing to take."""
    _offer_a_new_one()
    found = letters.opened(token, "sign_in")
    return render_template("cabinet/sign_in_link.html", email=found.address, url=request.path)


@bp.post("/sign-in/<token>")
@for_everyone
@secret_address
def take_link(token: str) -> ResponseReturnValue:
    _offer_a_new_one()
    letters.opened(token, "sign_in")
    with writing():
        person, target = one_time.use(token, "sign_in")
        if person.is_staff:  # became staff since it was mailed: the desk's door asks for more than a link (attack 75)
            raise NotFound(one_time.SPENT)
        sign_ins.begin(person, "cabinet")
    return redirect(safe_next(target, HOME), 303)


def _offer_a_new_one() -> None:
    errors.offer(_("Mail me a new link"), url_for("cabinet.sign_in"))
