"""Being away, as a form: the days, and who stands in. Used by the own account and by the administration alike."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, Field, SelectField, ValidationError
from wtforms.validators import DataRequired

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.errors import Invalid
from helpdesk.people import absences
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.workflows import revisions

ASKED = DataRequired(_l("Please fill this in."))
FARTHEST = 3650  # days from today; what lies beyond is a slip, and the end of the calendar is no day at all
FIELDS = {"starts_at": "first", "ends_at": "last", "substitute": "substitute"}


def _near(_form: AwayForm, field: Field) -> None:
    if abs((field.data - clock.now().date()).days) > FARTHEST:
        raise ValidationError(_("This day is too far away."))


class AwayForm(FlaskForm):
    first = DateField(_l("First day"), [ASKED, _near])
    last = DateField(_l("Last day"), [ASKED, _near])
    substitute = SelectField(_l("Who stands in"), [ASKED])

    def offer(self, person: Person) -> AwayForm:
        """Everybody else of the house."""
        self.substitute.choices = [("", "–"), *((str(each.id), each.shown_name) for each in _colleagues(person))]
        return self

    def save(self, person: Person, *, by: Person) -> bool:
        """Plan the absence; False where it could not be, and the form says why."""
        zone = zone_of(person)
        first, last = self.first.data, self.last.data
        assert first is not None and last is not None  # noqa: S101, PT018 - for the types: both are asked
        try:
            with writing() as here:
                absences.plan(
                    person,
                    here.get_one(Person, int(self.substitute.data)),
                    starts_at=datetime.combine(first, time(), zone),
                    ends_at=datetime.combine(last + timedelta(days=1), time(), zone),
                    by=by,
                )
        except Invalid as invalid:
            for name, sentence in invalid.problems.items():
                field = self[FIELDS[name]]
                field.errors = [*field.errors, sentence]
            return False
        return True


def shown(person: Person, endpoint: str, **address: Any) -> list[dict[str, Any]]:
    """The person's absences, each with the address that takes it back; days as the person counts them."""
    zone = zone_of(person)
    return [
        {
            "first": each.starts_at.astimezone(zone).date(),
            "last": (each.ends_at - timedelta(seconds=1)).astimezone(zone).date(),
            "substitute": each.substitute.shown_name,
            "end_url": url_for(endpoint, absence_id=each.id, **address),
        }
        for each in absences.ahead(person)
    ]


def zone_of(person: Person) -> ZoneInfo:
    return ZoneInfo(person.timezone or revisions.active().desk.company.timezone)


def _colleagues(person: Person) -> list[Person]:
    found = session().scalars(select(Person).where(policy.staff_with("staff"), Person.id != person.id))
    return sorted(found, key=lambda each: each.shown_name.casefold())
