"""Being away: whoever works here names who stands in for them, and for how long."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.account.blueprint import bp
from helpdesk.db import writing
from helpdesk.people import absences
from helpdesk.web.away import AwayForm, shown
from helpdesk.web.gates import current_person, for_staff


@bp.route("/away", methods=["GET", "POST"])
@for_staff
def away() -> ResponseReturnValue:
    person = current_person()
    form = AwayForm().offer(person)
    if form.validate_on_submit() and form.save(person, by=person):
        flash(_("Noted. What you are asked to approve goes to your substitute in this time."), "success")
        return redirect(url_for("account.away"), 303)
    page = render_template("account/away.html", form=form, absences=shown(person, "account.back"))
    return page, 422 if form.errors else 200


@bp.post("/away/<int:absence_id>/back")
@for_staff
def back(absence_id: int) -> ResponseReturnValue:
    with writing():
        absences.take_back(current_person(), absence_id)
    flash(_("Taken back. You are asked yourself."), "success")
    return redirect(url_for("account.away"), 303)
