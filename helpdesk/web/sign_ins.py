"""Signed-in browsers. The cookie holds a random token, the database its hash; ending the row ends the session.

Three kinds (`audience`): `desk`, after password and second step; `cabinet`, after a mailed link; `pending`, a
password was right and the second step is to come. A cabinet sign-in opens nothing of the desk, whoever the person is
(attack 75). A sign-in lasts a fixed time from its beginning: a page that is only looked at writes nothing, so nothing
prolongs it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import cache
from typing import Any, Literal

from flask import current_app, request
from flask import session as cookie
from itsdangerous import BadData
from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import joinedload

from helpdesk import clock
from helpdesk.db import UTCDateTime, session
from helpdesk.people.models import Person, SignIn
from helpdesk.web.visitors import address

Audience = Literal["desk", "cabinet", "pending"]

LASTS: dict[Audience, timedelta] = {
    "desk": timedelta(hours=12),  # a working day, with its overtime
    "cabinet": timedelta(days=30),
    "pending": timedelta(minutes=10),
}
_HERE = "helpdesk.sign_in"  # where a request keeps what it has looked up


def current() -> SignIn | None:
    """The sign-in of this browser, looked up once a request: not ended, not expired, its person not disabled."""
    found = _of_this_browser()
    return found if found is not None and found.audience != "pending" else None


def pending() -> SignIn | None:
    """The half-done sign-in of this browser: the second step is missing."""
    found = _of_this_browser()
    return found if found is not None and found.audience == "pending" else None


def begin(person: Person, audience: Audience) -> None:
    """Sign this browser in under a fresh token; whatever it carried before is ended and forgotten (attack 65).

    Needs a writing transaction.
    """
    end()
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session().add(
        SignIn(
            token_hash=_hash(token),
            person_id=person.id,
            audience=audience,
            created_at=now,
            expires_at=now + LASTS[audience],
            browser=request.user_agent.string[:200],
            ip=address()[:45],
        )
    )
    cookie["token"] = token
    cookie.permanent = True
    request.environ.pop(_HERE, None)


def end() -> None:
    """Sign this browser out; its form tokens go too. Needs a writing transaction."""
    token = cookie.get("token")
    if token:
        _end(SignIn.token_hash == _hash(token))
    cookie.clear()
    request.environ.pop(_HERE, None)


def of_person(person: Person) -> list[SignIn]:
    """Where the person is signed in, newest first."""
    query = select(SignIn).where(SignIn.person_id == person.id, SignIn.audience != "pending", *_alive())
    return list(session().scalars(query.order_by(SignIn.created_at.desc()).limit(50)))


def of_cookie(value: str) -> SignIn | None:
    """The sign-in that a raw session cookie stands for: for the doorbell, which sees headers and no request."""
    serializer = current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    longest = int(max(LASTS.values()).total_seconds())
    try:
        token = serializer.loads(value, max_age=longest).get("token")
    except BadData:
        return None
    found = _of_token(token)
    return found if found is not None and found.audience != "pending" else None


def _of_this_browser() -> SignIn | None:
    if _HERE not in request.environ:
        request.environ[_HERE] = _of_token(cookie.get("token"))
    found: SignIn | None = request.environ[_HERE]
    return found


def _of_token(token: Any) -> SignIn | None:
    if not isinstance(token, str) or not token:
        return None
    asked = session().scalars(_with_person(), {"hash": _hash(token), "now": clock.now()})
    found = asked.unique().one_or_none()
    return found if found is not None and found.person.is_active else None


@cache
def _with_person() -> Select[SignIn]:
    """The sign-in with all that pages ask of its person, in one question: every request of a reader begins with it."""
    person = joinedload(SignIn.person)
    alive = (SignIn.ended_at.is_(None), SignIn.expires_at > bindparam("now", type_=UTCDateTime()))
    return (
        select(SignIn)
        .where(SignIn.token_hash == bindparam("hash"), *alive)
        .options(person.joinedload(Person.addresses))
        .options(person.joinedload(Person.role_rows), person.joinedload(Person.membership_rows))
    )


def _alive() -> tuple[Any, Any]:
    return SignIn.ended_at.is_(None), SignIn.expires_at > clock.now()


def _end(*which: Any) -> None:
    session().execute(update(SignIn).where(SignIn.ended_at.is_(None), *which).values(ended_at=clock.now()))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
