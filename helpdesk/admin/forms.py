"""What the pages of /admin ask."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Optional

from helpdesk.people.models import Person
from helpdesk.web import texts
from helpdesk.workflows.schema import Desk

ASKED = DataRequired(_l("Please fill this in."))


class PersonForm(FlaskForm):
    """One person; roles and groups are those of the workflow file."""

    name = StringField(_l("Name"), [ASKED, Length(max=100)])
    email = EmailField(_l("E-mail"), [ASKED, Length(max=254)])
    roles = SelectMultipleField(_l("Roles"), [Optional()], description=_l("Given directly; groups bring theirs."))
    groups = SelectMultipleField(_l("Groups"), [Optional()])
    tier = SelectField(_l("Tier"), [Optional()], description=_l("How routing counts their experience."))
    is_admin = BooleanField(
        _l("Administrator"), description=_l("May open these pages. Which tickets they see is a matter of roles.")
    )
    language = SelectField(_l("Language"), [Optional()])
    timezone = SelectField(_l("Time zone"), [Optional()])

    def offer(self, desk: Desk, person: Person | None = None) -> PersonForm:
        """Fill in what can be chosen; what `person` has chosen themselves is among it."""
        self.roles.choices = [(role.name, role.label) for role in desk.roles.values()]
        self.groups.choices = [(group.name, group.label) for group in desk.groups.values()]
        self._offer_tiers(desk)
        languages = [(code, _in_itself(code)) for code in desk.company.languages]
        spoken = texts.choices(languages, person.language if person else "")
        self.language.choices = [("", _l("As the browser says")), *spoken]
        places = [(zone, zone.replace("_", " ")) for zone in texts.zones() if "/" in zone]
        zones = texts.choices(places, person.timezone if person else "")
        self.timezone.choices = [("", _l("As the company's")), *zones]
        return self

    def _offer_tiers(self, desk: Desk) -> None:
        """The tiers of the file; a desk without any does not ask."""
        tiers = list(dict.fromkeys(tier for route in desk.routing.values() for tier in route.tiers))
        if self.tier.data and self.tier.data not in tiers and not self.is_submitted():
            tiers.append(self.tier.data)  # theirs, which the file has no longer
        if tiers:
            self.tier.choices = [("", _l("None")), *((tier, tier) for tier in tiers)]
        else:
            del self.tier


def _in_itself(code: str) -> str:
    """A language as its speakers write it."""
    try:
        return (Locale.parse(code, sep="-").get_display_name() or code).capitalize()
    except (UnknownLocaleError, ValueError):
        return code
