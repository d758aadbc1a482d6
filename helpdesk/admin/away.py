"""Somebody else's being away, where they could not say it themselves."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.admin.blueprint import bp
from helpdesk.db import session, writing
from helpdesk.people import absences
from helpdesk.people.models import Person
from helpdesk.web.away import AwayForm, shown
from helpdesk.web.gates import current_person, for_admin


@bp.route("/people/<int:person_id>/away", methods=["GET", "POST"], endpoint="people_away")
@for_admin
def away(person_id: int) -> ResponseReturnValue:
    person = _person(person_id)
    form = AwayForm().offer(person)
    here = url_for("admin.people_away", person_id=person_id)
    if form.validate_on_submit() and form.save(person, by=current_person()):
        flash(_("Noted. What they are asked to approve goes to the substitute in this time."), "success")
        return redirect(here, 303)
    page = render_template(
        "admin/away.html",
        person={"name": person.shown_name, "url": url_for("admin.people_one", person_id=person_id)},
        form=form,
        absences=shown(person, "admin.people_back", person_id=person_id),
    )
    return page, 422 if form.errors else 200


@bp.post("/people/<int:person_id>/away/<int:absence_id>/back", endpoint="people_back")
@for_admin
def back(person_id: int, absence_id: int) -> ResponseReturnValue:
    with writing():
        absences.take_back(_person(person_id), absence_id)
    flash(_("Taken back."), "success")
    return redirect(url_for("admin.people_away", person_id=person_id), 303)


def _person(person_id: int) -> Person:
    person = session().get(Person, person_id)
    if person is None:
        abort(404)
    return person
