"""Keys by which programs act as a person (attack 98): made at the command line, shown once, kept as a hash, for reading
or for writing too, and never for ever. What a program may do is what its person may do at that moment.

Called by the command line and by `web.bearer`. Knows no HTTP.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from functools import cache
from typing import Literal

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import joinedload

from helpdesk import clock
from helpdesk.db import UTCDateTime, session
from helpdesk.errors import Invalid, NotFound, NotPossible
from helpdesk.people.models import ApiToken, Person
from helpdesk.text import plain

Scope = Literal["read", "write"]

PREFIX = "hd_"  # so that a key that got somewhere by mistake is recognised, by people and by scanners
FORM = re.compile(r"hd_[A-Za-z0-9_-]{43}")  # 256 random bits (attack 48)
SHOWN = 11  # characters of a key that tell it from others and open nothing: 48 bits of it
USUAL, LONGEST = 90, 366  # days
NOTED_EVERY = timedelta(minutes=10)  # how exactly we know when a key was last used


def make(person: Person, *, name: str, scope: Scope, days: int) -> tuple[ApiToken, str]:
    """A new key, and its only copy in clear. Needs a writing transaction. Raises Invalid, and NotPossible for somebody
    who may not come in.
    """
    if not person.is_active:
        raise NotPossible(f"{person.shown_name} may not come in, so no program may in their name.")
    name = plain.line(name, limit=100)
    if not name:
        raise Invalid({"name": "Please say what the token is for."}, code="required")
    if not 1 <= days <= LONGEST:
        raise Invalid({"days": f"A token lasts from 1 to {LONGEST} days."})
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    token = ApiToken(
        person=person,
        name=name,
        beginning=secret[:SHOWN],
        token_hash=_hash(secret),
        scope=scope,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session().add(token)
    session().flush()
    return token, secret


def find(secret: str) -> ApiToken | None:
    """The key with its person and all that rights ask of them, in one question: not revoked, not expired, its person
    neither disabled nor banned. Anything that does not look like a key is none, and the database is not asked (attack
    49).
    """
    if not FORM.fullmatch(secret):
        return None
    asked = session().scalars(_with_person(), {"hash": _hash(secret), "now": clock.now()})
    found = asked.unique().one_or_none()
    return found if found is not None and found.person.is_active else None


def is_due_a_note(token: ApiToken) -> bool:
    """Whether it is so long since its use was noted that it is noted again."""
    return token.last_used_at is None or clock.now() - token.last_used_at >= NOTED_EVERY


def note_use(token_id: int) -> None:
    """It was used now. Needs a writing transaction."""
    now = clock.now()
    unsaid = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - NOTED_EVERY)
    session().execute(update(ApiToken).where(ApiToken.id == token_id, unsaid).values(last_used_at=now))


def listed(person: Person | None = None) -> list[ApiToken]:
    """All keys, or one person's, the newest first; those that open nothing any more too."""
    query = select(ApiToken).options(joinedload(ApiToken.person)).order_by(ApiToken.id.desc())
    return list(session().scalars(query if person is None else query.where(ApiToken.person_id == person.id)).unique())


def revoke(named: str) -> ApiToken:
    """The key of this number, or whose beginning this is, opens nothing from now on. Needs a writing transaction.
    Raises NotFound, and NotPossible where several begin so.
    """
    by_number = named.isdecimal() and len(named) < 10
    which = ApiToken.id == int(named) if by_number else ApiToken.beginning == named[:SHOWN]
    found = list(session().scalars(select(ApiToken).where(which)).unique())
    if not found:
        raise NotFound(
            f"There is no token “{named[:SHOWN]}”. `helpdesk token list` shows their numbers and beginnings."
        )
    if len(found) > 1:
        raise NotPossible(f"Several tokens begin with “{named[:SHOWN]}”. Name one by its number.")
    found[0].revoked_at = found[0].revoked_at or clock.now()
    return found[0]


def revoke_all(person: Person) -> None:
    """None of the person's keys opens anything any more. Needs a writing transaction."""
    theirs = update(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    session().execute(theirs.values(revoked_at=clock.now()))


def state_of(token: ApiToken) -> str:
    """`active`, `revoked` or `expired`; `locked out` while its person may not come in."""
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at <= clock.now():
        return "expired"
    return "active" if token.person.is_active else "locked out"


@cache
def _with_person() -> Select[ApiToken]:
    person = joinedload(ApiToken.person)
    alive = (ApiToken.revoked_at.is_(None), ApiToken.expires_at > bindparam("now", type_=UTCDateTime()))
    return (
        select(ApiToken)
        .where(ApiToken.token_hash == bindparam("hash"), *alive)
        .options(person.joinedload(Person.addresses))
        .options(person.joinedload(Person.role_rows), person.joinedload(Person.membership_rows))
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
