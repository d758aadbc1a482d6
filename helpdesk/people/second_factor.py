"""The second step of signing in: six digits from an authenticator (TOTP, RFC 6238).

A code is good in its half minute and the one before and after it, and works once: the step last used is remembered,
and neither it nor an earlier one is taken again (attack 75). The database holds a seed only; the secret is that seed
under the desk's own key, so a stolen dump opens nothing (attack 73).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

import pyotp
from sqlalchemy import update

from helpdesk import clock, settings
from helpdesk.db import session
from helpdesk.people.models import Person

STEP = 30  # seconds
DRIFT = 1  # steps that a telephone's clock may be off, either way


def new_seed() -> str:
    """What is to be kept of a new second step, once its owner has shown a code."""
    return secrets.token_hex(20)


def secret_of(seed: str) -> str:
    """The secret that the authenticator is given, in base32."""
    key = hashlib.sha256(b"second step:" + settings.current().signing_key.encode()).digest()
    return base64.b32encode(hmac.digest(key, seed.encode(), "sha256")[:20]).decode()


def address(seed: str, *, email: str, brand: str) -> str:
    """The otpauth:// address that an authenticator reads from the picture."""
    return pyotp.TOTP(secret_of(seed)).provisioning_uri(name=email, issuer_name=brand)


def is_on(person: Person) -> bool:
    return person.totp_secret is not None


def turn_on(person: Person, seed: str, code: str) -> bool:
    """Keep the seed if the code shows that the person's authenticator has its secret. Needs a writing transaction."""
    step = _step_of(seed, code)
    if step is None:
        return False
    person.totp_secret, person.totp_step = seed, step
    return True


def turn_off(person: Person) -> None:
    """Needs a writing transaction."""
    person.totp_secret, person.totp_step = None, 0


def passes(person: Person, code: str) -> bool:
    """Whether the code is right; it is used up, so of two requests one passes. Needs a writing transaction."""
    if person.totp_secret is None:
        return False
    step = _step_of(person.totp_secret, code)
    if step is None:
        return False
    used = session().execute(
        update(Person).where(Person.id == person.id, Person.totp_step < step).values(totp_step=step)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def _step_of(seed: str, code: str) -> int | None:
    """The time step whose code this is, if it is near now."""
    given = "".join(code.split())
    if len(given) != 6 or not (given.isascii() and given.isdigit()):
        return None
    now = int(clock.now().timestamp()) // STEP
    known = pyotp.TOTP(secret_of(seed), interval=STEP)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(known.generate_otp(step), given):
            return step
    return None
