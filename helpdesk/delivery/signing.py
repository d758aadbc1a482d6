"""Signed calls, out and in, as Standard Webhooks 1.0 has them: HMAC-SHA256 over `id.timestamp.body`.

Used by `webhooks` for calls of ours and by `payments` for those of a provider. Knows no network and no row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from helpdesk import clock
from helpdesk.errors import HelpdeskError

SHORTEST = 24  # bytes of a secret
WINDOW = timedelta(minutes=5)  # how far a caller's clock, and a letter on its way, may be off


class WeakSecret(HelpdeskError):
    """The secret is too short to sign with."""

    code = "weak_secret"


class Forged(HelpdeskError):
    """The call does not come from whom it says, or is too old to be believed."""

    code = "forged"
    status = 401


def sign(secret: str, *, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a call. `secret` may hold two `whsec_…` with a space between while one replaces the other: then
    both sign. Raises WeakSecret.
    """
    moment = str(int(at.timestamp()))
    signatures = " ".join(f"v1,{_code(key, id, moment, body)}" for key in _keys(secret))
    return {"webhook-id": id, "webhook-timestamp": moment, "webhook-signature": signatures}


def believe(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The id of a call that carries a genuine signature of the last five minutes. Raises Forged (attack 97).

    That an id counts once is the caller's to keep: here nothing is remembered.
    """
    id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()[:10]
    if not 0 < len(id) <= 100 or not id.isascii() or not (moment.isdecimal() and moment.isascii() and len(moment) < 12):
        raise Forged("This call is not signed.")
    if abs(clock.now().timestamp() - int(moment)) > WINDOW.total_seconds():
        raise Forged("This call is too old.")
    genuine = [f"v1,{_code(key, id, moment, body)}".encode() for key in _keys(secret)]
    if not any(hmac.compare_digest(one, each.encode()) for each in given for one in genuine):
        raise Forged("The signature of this call is wrong.")
    return id


def _code(key: bytes, id: str, moment: str, body: bytes) -> str:
    digest = hmac.new(key, f"{id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _keys(secret: str) -> list[bytes]:
    parts = secret.split()
    keys = [_key(each) for each in parts] if all(each.startswith("whsec_") for each in parts) else [secret.encode()]
    if not keys or any(len(key) < SHORTEST for key in keys):
        raise WeakSecret(f"The secret is shorter than {SHORTEST} bytes.")
    return keys


def _key(secret: str) -> bytes:
    """The bytes of a secret that is written in base64 after `whsec_`; any other stands for itself."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as bad:
        raise WeakSecret("After whsec_ a secret goes on in base64.") from bad
