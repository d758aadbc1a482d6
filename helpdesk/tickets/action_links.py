"""Links of a mail that do one thing to one ticket for one person: approve, pay, rate, confirm, reopen (N10).

The token says what it is for, which ticket, whose it is, which round of it (an approval, a run, a payment that was
asked) and until when, and is signed with the desk's key: 130 bits of HMAC-SHA256 (RFC 2104). Nothing of it is kept, so
a mail that needs none costs nothing. Opening a link changes nothing, because mail scanners open links; sending its form
does, once (attack 68). Made by `actions.mailed_links`, opened by pages through `web.mailed_links`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from helpdesk import clock, settings
from helpdesk.errors import NotFound

Purpose = Literal["approve", "confirm", "pay", "rate", "reopen"]

LASTS: dict[Purpose, timedelta] = {
    "approve": timedelta(days=14),
    "confirm": timedelta(days=7),
    "pay": timedelta(days=60),
    "rate": timedelta(days=30),
    "reopen": timedelta(days=60),
}
TOKEN = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,18})-(\d{9,11})-([a-z2-7]{26})")
WRONG = "This link is not complete, or it is not one of ours. Open it once more from the mail."
TOO_OLD = "This link is too old, so nothing was done."


class TooOld(NotFound):
    """A genuine link whose time is over."""


@dataclass(frozen=True)
class Claim:
    """What a genuine link says. `round`: the approval, run or payment request it was made for."""

    purpose: Purpose
    ticket_id: int
    person_id: int
    round: int
    expires_at: datetime

    @property
    def nonce(self) -> str:
        """The once-only number of the run it asks for (`perform`'s `nonce`): the second one has no effect."""
        return hashlib.sha256(f"link|{self.purpose}|{_name(self)}".encode()).hexdigest()


def url(purpose: Purpose, *, ticket_id: int, person_id: int, round: int, expires_at: datetime | None = None) -> str:
    """The link, for a mail to this person and nobody else; always from the configured address (attack 69)."""
    until = expires_at or clock.now() + LASTS[purpose]
    claim = Claim(purpose, ticket_id, person_id, round, until)
    return f"{settings.current().base_url.rstrip('/')}/link/{purpose}/{token(claim)}"


def token(claim: Claim) -> str:
    name = _name(claim)
    return f"{name}-{_code(claim.purpose, name)}"


def read(purpose: Purpose, token: str) -> Claim:
    """What the token of a link for `purpose` says. Raises NotFound, with the sentence for whoever opened it."""
    found = TOKEN.fullmatch(token)
    name = token.rpartition("-")[0]
    if not found or not hmac.compare_digest(_code(purpose, name), found[5]):
        raise NotFound(WRONG)
    ticket_id, person_id, round, until = (int(part) for part in found.groups()[:4])
    claim = Claim(purpose, ticket_id, person_id, round, datetime.fromtimestamp(until, UTC))
    if claim.expires_at <= clock.now():
        raise TooOld(TOO_OLD)
    return claim


def _name(claim: Claim) -> str:
    return f"{claim.ticket_id}-{claim.person_id}-{claim.round}-{int(claim.expires_at.timestamp())}"


def _code(purpose: str, name: str) -> str:
    key = hashlib.sha256(b"action link:" + settings.current().signing_key.encode()).digest()
    digest = hmac.new(key, f"{purpose}:{name}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest)[:26].decode().lower()
