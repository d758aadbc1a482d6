"""Mailed links that work once: signing in to the cabinet, choosing a new password, a first visit.

The link holds 256 random bits, the row only their hash. A newer link of the same purpose ends the older ones. `look`
says whose it is and changes nothing, because mail scanners open links; `use` takes it, and of two at the same moment
one gets it (attack 68).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Literal

from sqlalchemy import delete, select, update

from helpdesk import clock
from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people import find, reach
from helpdesk.people.models import OneTimeLink, Person

Purpose = Literal["sign_in", "reset", "invite"]

LASTS: dict[Purpose, timedelta] = {
    "sign_in": timedelta(minutes=10),
    "reset": timedelta(hours=1),
    "invite": timedelta(days=3),
}
SPENT = "This link no longer works: it was used, is too old, or a newer one was sent. Ask for a new one."


def make(person: Person, purpose: Purpose, *, address: str, target: str = "") -> str:
    """A fresh token, to be mailed to this address of the person and nobody else; ends those of the same purpose.

    `target`: a path of ours to go to afterwards. Needs a writing transaction.
    """
    end_all(person, purpose)
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session().add(
        OneTimeLink(
            token_hash=_hash(token),
            purpose=purpose,
            person_id=person.id,
            address=find.normal(address),
            target=target if len(target) <= 200 else "",
            created_at=now,
            expires_at=now + LASTS[purpose],
        )
    )
    return token


def look(token: str, *purposes: Purpose) -> OneTimeLink:
    """The link this token opens, left as it is. Raises NotFound when it opens nothing any more."""
    found = session().scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == _hash(token),
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
        )
    )
    if found is None or not _person(found).is_active:
        raise NotFound(SPENT)
    return found


def use(token: str, *purposes: Purpose) -> tuple[Person, str]:
    """Take the link: its person and target; nobody can afterwards. The address it was mailed to is proven now.

    Needs a writing transaction. Raises NotFound.
    """
    link = look(token, *purposes)
    taken = session().execute(
        update(OneTimeLink)
        .where(OneTimeLink.token_hash == link.token_hash, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise NotFound(SPENT)
    person = _person(link)
    for each in person.addresses:
        if each.kind == "email" and each.value == link.address and each.verified_at is None:
            each.verified_at = clock.now()
    reach.lives(person, link.address)
    return person, link.target


def end_all(person: Person, *purposes: Purpose) -> None:
    """End the person's open links of these purposes (all, if none is named), and forget the old ones.

    After a new password or address, too (attack 50). Needs a writing transaction.
    """
    here = session()
    theirs = update(OneTimeLink).where(OneTimeLink.person_id == person.id, OneTimeLink.used_at.is_(None))
    if purposes:
        theirs = theirs.where(OneTimeLink.purpose.in_(purposes))
    here.execute(theirs.values(used_at=clock.now()))
    old = clock.now() - timedelta(days=30)
    here.execute(delete(OneTimeLink).where(OneTimeLink.person_id == person.id, OneTimeLink.expires_at < old))


def _person(link: OneTimeLink) -> Person:
    return session().get_one(Person, link.person_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
