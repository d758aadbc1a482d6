"""Who is away, and who stands in for them: approvals asked of somebody away go to the substitute they named (N17).

Called by the account pages and the administration; asked by the voting. A substitute's own substitute is never looked
for: one step, so that nobody has to guess where a vote went. Writing needs a writing transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.orm import joinedload

from helpdesk import clock
from helpdesk.db import UTCDateTime, session
from helpdesk.errors import Invalid, NotFound
from helpdesk.people.models import WITH_RIGHTS, Absence, Person

MOST = 20  # absences one person can have ahead
_SUBSTITUTE = joinedload(Absence.substitute).options(*WITH_RIGHTS)
_PERSON = joinedload(Absence.person).options(*WITH_RIGHTS)
_AWAY_FOR = (
    select(Absence)
    .where(Absence.substitute_id == bindparam("me"), Absence.starts_at <= bindparam("now", type_=UTCDateTime))
    .where(Absence.ends_at > bindparam("now", type_=UTCDateTime))
    .options(_PERSON)
    .order_by(Absence.person_id)
)


def substitutes_of(person_ids: Collection[int]) -> dict[int, Person]:
    """Who stands in now for those of these people who are away."""
    if not person_ids:
        return {}
    now = clock.now()
    query = select(Absence).where(Absence.person_id.in_(person_ids), _covers(now)).options(_SUBSTITUTE)
    return {each.person_id: each.substitute for each in session().scalars(query.order_by(Absence.id.desc()))}


def away(person_ids: Collection[int]) -> dict[int, datetime]:
    """Those of these people who are away now, with the moment they are back."""
    if not person_ids:
        return {}
    query = select(Absence.person_id, Absence.ends_at).where(Absence.person_id.in_(person_ids), _covers(clock.now()))
    return dict(session().execute(query.order_by(Absence.ends_at)).all())


def stands_in_for(person: Person) -> list[Person]:
    """Those who are away now and named this person."""
    found = session().scalars(_AWAY_FOR, {"me": person.id, "now": clock.now()}).unique()
    return list(dict.fromkeys(each.person for each in found))


def ahead(person: Person) -> list[Absence]:
    """The person's absences that are not over, the next one first."""
    query = select(Absence).where(Absence.person_id == person.id, Absence.ends_at > clock.now())
    return list(session().scalars(query.options(joinedload(Absence.substitute)).order_by(Absence.starts_at)))


def plan(person: Person, substitute: Person, *, starts_at: datetime, ends_at: datetime, by: Person) -> Absence:
    """The person will be away, and `substitute` stands in. Raises Invalid."""
    problems: dict[str, str] = {}
    if substitute.id == person.id:
        problems["substitute"] = "Nobody stands in for themselves."
    elif not (substitute.is_active and substitute.is_staff):
        problems["substitute"] = "This person does not work here."
    if ends_at <= starts_at:
        problems["ends_at"] = "This is before it begins."
    elif ends_at <= clock.now():
        problems["ends_at"] = "This is over already."
    others = ahead(person)
    if any(each.starts_at < ends_at and starts_at < each.ends_at for each in others):
        problems.setdefault("starts_at", "There is another absence in this time. Take that one back first.")
    elif len(others) >= MOST:
        problems["starts_at"] = "There are too many absences ahead."
    if problems:
        raise Invalid(problems)
    absence = Absence(
        person_id=person.id, substitute_id=substitute.id, starts_at=starts_at, ends_at=ends_at, made_by_id=by.id
    )
    session().add(absence)
    return absence


def take_back(person: Person, absence_id: int) -> None:
    """The person is here after all, or again. Raises NotFound for what is not theirs."""
    absence = session().get(Absence, absence_id)
    if absence is None or absence.person_id != person.id:
        raise NotFound("There is no such absence.")
    session().delete(absence)


def _covers(now: datetime) -> ColumnElement[bool]:
    return and_(Absence.starts_at <= now, Absence.ends_at > now)
