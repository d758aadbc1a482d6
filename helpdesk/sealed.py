"""Secrets that must lie in the database, such as a mailbox's sign-in, locked with a key that does not (attack 73).

The key is derived from the desk's secret key, one for each purpose (HKDF, RFC 5869), and the lock is AES-256-GCM. What
it is for and whose it is are part of the lock: a value that is put into another row does not open.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpdesk.errors import HelpdeskError
from helpdesk.settings import current

VERSION = "1."
NONCE = 12  # bytes


class NotOurs(HelpdeskError):
    """It was locked with another secret key, or is none of ours."""

    code = "not_ours"


def seal(secret: str, *, purpose: str, owner: str) -> str:
    """Lock it for the database. `purpose` and `owner` must be said again to open it."""
    nonce = os.urandom(NONCE)
    locked = _lock(purpose).encrypt(nonce, secret.encode(), _bound(purpose, owner))
    return VERSION + base64.urlsafe_b64encode(nonce + locked).decode()


def unseal(sealed: str, *, purpose: str, owner: str) -> str:
    """What was locked. Raises NotOurs."""
    try:
        raw = base64.urlsafe_b64decode(sealed.removeprefix(VERSION))
        return _lock(purpose).decrypt(raw[:NONCE], raw[NONCE:], _bound(purpose, owner)).decode()
    except (InvalidTag, ValueError) as broken:
        raise NotOurs("This was locked with another secret key (HELPDESK_SECRET_KEY).") from broken


def _lock(purpose: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"helpdesk sealed {purpose}".encode())
    return AESGCM(derived.derive(current().signing_key.encode()))


def _bound(purpose: str, owner: str) -> bytes:
    return f"{VERSION}\0{purpose}\0{owner}".encode()
