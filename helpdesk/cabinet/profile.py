"""The customer's own data: name, language, time zone. Addresses are shown only: a new one would have to be proven."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import Length

from helpdesk.cabinet.blueprint import bp
from helpdesk.db import writing
from helpdesk.people.models import Person
from helpdesk.text import plain
from helpdesk.web import texts
from helpdesk.web.gates import current_person, for_customers


class ProfileForm(FlaskForm):
    name = StringField(_l("Name"), [Length(max=100)], render_kw={"autocomplete": "name"})
    language = SelectField(_l("Language"))
    timezone = SelectField(_l("Time zone"))


@bp.route("/profile", methods=["GET", "POST"])
@for_customers
def profile() -> ResponseReturnValue:
    person = current_person()
    form = ProfileForm(obj=person)
    form.language.choices = [("", _("As the browser says")), *texts.choices(texts.languages().items(), person.language)]
    zones = texts.choices(((zone, zone) for zone in texts.zones()), person.timezone)
    form.timezone.choices = [("", _("As the company's")), *zones]
    if form.validate_on_submit():
        with writing():
            _keep(person, form)
        flash(_("Saved."), "success")
        return redirect(url_for("cabinet.profile"), 303)
    page = render_template(
        "cabinet/profile.html",
        form=form,
        addresses=[
            {"value": each.value, "primary": each.value == person.email, "verified": each.verified_at is not None}
            for each in person.addresses
        ],
        sign_out_everywhere_url=url_for("account.sign_out_everywhere"),
    )
    return page, 422 if form.errors else 200


def _keep(person: Person, form: ProfileForm) -> None:
    person.name = plain.person_name(form.name.data or "")
    person.language = form.language.data or ""
    person.timezone = form.timezone.data or ""
