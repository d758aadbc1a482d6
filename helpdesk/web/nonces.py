"""The once-only number in a form: the same form sent twice has one effect (attack 96)."""

from __future__ import annotations

import hashlib
import secrets


def fresh() -> str:
    """A new one, for a form that is being drawn."""
    return secrets.token_urlsafe(18)


def bound(sent: str, *to: object) -> str | None:
    """What the database keeps of a nonce: bound to who sends the form and what it is for, so that one of another form,
    or one that somebody made up, stands in nobody's way. None where none was sent."""
    if not sent:
        return None
    return hashlib.sha256("|".join([sent, *map(str, to)]).encode()).hexdigest()
