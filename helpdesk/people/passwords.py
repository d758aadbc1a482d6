"""Passwords: kept as argon2id, checked in the same time whether the person exists or not.

A hash costs 64 MiB and a tenth of a second on purpose, so only two are worked out at a time (attack 72), and what is
longer than any password is refused before that.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from helpdesk.errors import Invalid
from helpdesk.people.models import Person

LONGEST = 1024  # bytes
SHORTEST = 10  # characters; length is what counts (NIST SP 800-63B)
TOO_PLAIN = ("password", "helpdesk", "qwerty", "letmein", "welcome", "iloveyou", "1234567890", "0123456789")

_hasher = PasswordHasher()
_at_once = BoundedSemaphore(2)


def fits(person: Person | None, password: str) -> bool:
    """Whether this is the person's password. Takes as long for nobody, or without a password (attacks 61 and 74)."""
    if len(password.encode()) > LONGEST:
        return False
    kept = person.password_hash if person and person.is_active else None
    with _at_once:
        try:
            _hasher.verify(kept or _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def put(person: Person, password: str) -> None:
    """Give the person a new password. Needs a writing transaction. Raises Invalid when it is no good."""
    person.password_hash = hashed(password, about=person)


def hashed(password: str, *, about: Person | None = None) -> str:
    """The hash to keep of a new password. Raises Invalid when it is no good."""
    if problem := problem_with(password, about=about):
        raise Invalid({"password": problem})
    with _at_once:
        return _hasher.hash(password)


def problem_with(password: str, *, about: Person | None = None) -> str | None:
    """Why this cannot be a new password, in a sentence; None if it can."""
    if len(password.encode()) > LONGEST:
        return "This password is too long."
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words in a row are easy to remember."
    low = password.casefold()
    if len(set(low)) < 4 or any(low.startswith(word) and len(low) < len(word) + 5 for word in TOO_PLAIN):
        return "This password is too easy to guess."
    if about is not None and low in {about.email, about.email.split("@")[0], about.name.casefold()}:
        return "A password must not be your name or address."
    return None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash that nothing fits, made with the parameters in force, so that checking it takes as long as any."""
    return _hasher.hash(secrets.token_urlsafe(32))
