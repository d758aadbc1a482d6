"""Being away, as a form: the days, and who stands in. Used by the own account and by the administration alike."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import DateField, SelectField
from wtforms.validators import DataRequired

from helpdesk.db import session, writing
from helpdesk.errors import Invalid
from helpdesk.people import absences
from helpdesk.people.models import Membership, Person, PersonRole
from helpdesk.workflows import revisions

ASKED = DataRequired(_l("Please fill this in."))
FIELDS = {"starts_at": "first", "ends_at": "last", "substitute": "substitute"}


class AwayForm(FlaskForm):
    first = DateField(_l("First day"), [ASKED])
    last = DateField(_l("Last day"), [ASKED])
    substitute = SelectField(_l("Who stands in"), [ASKED])

    def offer(self, person: Person) -> AwayForm:
        """Everybody else of the house."""
        self.substitute.choices = [("", "–"), *((str(each.id), each.shown_name) for each in _colleagues(person))]
        return self

    def save(self, person: Person, *, by: Person) -> bool:
        """Plan the absence; False where it could not be, and the form says why."""
        zone = zone_of(person)
        first, last = _day(self.first.data), _day(self.last.data)
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


def _day(entered: date | None) -> date:
    if entered is None:
        raise Invalid({"starts_at": "Please fill this in."})
    return entered


def _colleagues(person: Person) -> list[Person]:
    roles, members = select(PersonRole.person_id), select(Membership.person_id)
    staff = Person.is_admin | Person.id.in_(roles) | Person.id.in_(members)
    query = select(Person).where(staff, Person.disabled_at.is_(None), Person.id != person.id)
    found = session().scalars(query.options(joinedload(Person.addresses))).unique()
    return sorted(found, key=lambda each: each.shown_name.casefold())
