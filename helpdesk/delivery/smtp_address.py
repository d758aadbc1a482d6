"""The address of the outgoing server, HELPDESK_SMTP_URL, taken apart.

`smtp://` means STARTTLS, `smtps://` TLS from the start, `smtp+insecure://` neither. It names a user with a password, or
with `?oauth=SOURCE` the source of the workflow file whose sign-in is used instead. Asked by `smtp`, by who keeps the
sign-ins, and by `helpdesk doctor`; opens no line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from helpdesk.delivery.failures import Unreachable

PORTS = {"smtp": 587, "smtps": 465, "smtp+insecure": 25}
SHAPE = "HELPDESK_SMTP_URL must look like smtp://user:password@mail.example.org:587."
SIGNED_IN = (
    "HELPDESK_SMTP_URL with ?oauth= must look like smtp://user@mail.example.org:587?oauth=SOURCE, without a password."
)


@dataclass(frozen=True)
class Address:
    """What the setting says. `source`: whose sign-in is used; empty where the user has a password, or there is none."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    source: str

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


def read(url: str) -> Address:
    """Raises Unreachable for an address that is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as broken:
        raise Unreachable(SHAPE) from broken
    if parts.scheme not in PORTS or not parts.hostname:
        raise Unreachable(SHAPE)
    asked = parse_qs(parts.query, keep_blank_values=True)
    if asked and (list(asked) != ["oauth"] or not asked["oauth"][-1] or not parts.username or parts.password):
        raise Unreachable(SIGNED_IN)
    return Address(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        source=asked["oauth"][-1] if asked else "",
    )


def sends_as(source: str, url: str) -> bool:
    """Whether mail leaves with the sign-in of this source."""
    try:
        return bool(url) and read(url).source == source
    except Unreachable:  # the address is none, which whoever sends will say
        return False
