"""Who works at the desk: giving roles and groups, letting people in and out. Called by the administration pages and the
command line.

Roles and groups are checked against the names it is given, because this room does not know the workflow file. Every
function needs a writing transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from helpdesk import clock
from helpdesk.db import session
from helpdesk.errors import NotPossible
from helpdesk.people import api_tokens, find, one_time
from helpdesk.people.models import Membership, Person, PersonRole, SignIn
from helpdesk.text import plain


def enlist(email: str, *, name: str = "") -> Person:
    """A person who can be given roles: made, or the customer of this address. Raises NotPossible if they are staff
    already.
    """
    known = find.by_email(find.valid_email(email))
    if known is not None and (known.is_staff or known.password_hash):
        raise NotPossible(f"{known.email} is here already.")
    name = plain.person_name(name)
    person = known or find.or_create(email, name=name)
    person.name = name or person.name
    return person


def give(person: Person, *, roles: Sequence[str], groups: Sequence[str]) -> None:
    """These roles and groups and no others. Raises NotPossible for somebody who is banned."""
    if roles or groups:
        _not_banned(person)
    _replace(person.role_rows, set(roles), "role", PersonRole)
    _replace(person.membership_rows, set(groups), "group", Membership)


def let_out(person: Person) -> None:
    """The person comes in no more; what they wrote stays. Signs them out and takes their programs' keys back. Raises
    NotPossible for the last administrator.
    """
    keep_an_administrator(person)
    person.disabled_at = person.disabled_at or clock.now()
    sign_out_everywhere(person)
    api_tokens.revoke_all(person)


def let_in(person: Person) -> None:
    """The person may come in again."""
    person.disabled_at = None


def set_admin(person: Person, flag: bool) -> None:
    """Give or take the administrator's flag. Raises NotPossible for the last one, and for somebody who is banned."""
    if person.is_admin and not flag:
        keep_an_administrator(person)
    if flag:
        _not_banned(person)
    person.is_admin = flag


def keep_an_administrator(leaving: Person) -> None:
    """Raises NotPossible if nobody could administer the desk without this person."""
    if not leaving.is_admin:
        return
    there = select(Person.id).where(Person.is_admin, Person.disabled_at.is_(None)).order_by(Person.id)
    held = session().scalars(there.with_for_update()).all()  # of two who let out each other the second waits, and sees
    if set(held) <= {leaving.id}:
        raise NotPossible("This is the last administrator. Make somebody else one first.")


def sign_out_everywhere(person: Person) -> None:
    """Every browser of the person is signed out at its next request, and no mailed link lets anybody in.

    After a new password, address or second step, too (attack 50).
    """
    theirs = update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    session().execute(theirs.values(ended_at=clock.now()))
    one_time.end_all(person)


def _not_banned(person: Person) -> None:
    if person.banned_at is not None:
        raise NotPossible(f"{person.shown_name} is banned. Lift the ban first.")


def _replace(rows: list, wanted: set[str], attribute: str, kind: type) -> None:  # type: ignore[type-arg]
    """Make the rows those of `wanted`, leaving the ones that stay."""
    for row in [row for row in rows if getattr(row, attribute) not in wanted]:
        rows.remove(row)
    there: Iterable[str] = {getattr(row, attribute) for row in rows}
    rows.extend(kind(**{attribute: name}) for name in sorted(wanted.difference(there)))
