"""What is said to a provider: signing in by a browser (RFC 6749, 4.1, with PKCE, RFC 7636), by a code that is typed in
elsewhere (RFC 8628), and renewing what it gave (RFC 6749, 6).

All calls go through `delivery.http`: judged addresses, verified certificates, no redirects (attack 86), and over TLS
unless this machine's owner named the host. What a provider answers is understood by its codes and never shown.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from helpdesk.channels.email.oauth.providers import Client
from helpdesk.delivery import http
from helpdesk.errors import HelpdeskError

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
SAYS = {
    "invalid_client": "does not know this client: see `client_id` and `client_secret`.",
    "unauthorized_client": "does not allow this client to sign in so.",
    "invalid_scope": "does not offer what was asked for: see `scope`.",
    "unsupported_grant_type": "does not offer this way to sign in.",
    "access_denied": "was told that the desk shall not read this mailbox.",
    "invalid_grant": "does not accept this sign-in, or does not any more.",
    "expired_token": "waited for the code to be entered, and waits no more.",
    "invalid_request": "did not understand what was asked.",
}


class SignInFailed(HelpdeskError):
    """The provider said no. `reason` is the code of RFC 6749, 5.2."""

    def __init__(self, sentence: str, *, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason


class ProviderAway(HelpdeskError):
    """The provider cannot be asked at present."""

    code = "away"


@dataclass(frozen=True)
class Grant:
    """What a provider gave: a token for now, for how many seconds, and one to renew it with (empty: as before)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int


@dataclass(frozen=True)
class Begun:
    """A sign-in in the browser that has begun: where to go, and what must be known when it comes back."""

    url: str
    state: str
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Device:
    """A sign-in elsewhere that has begun: what to enter where, and how often to ask whether it was."""

    code: str = field(repr=False)
    user_code: str
    url: str
    every: float
    seconds: int


def begin(client: Client, *, back: str, user: str) -> Begun:
    """Where a browser goes to sign in; it comes back to the address `back`."""
    if not client.authorize_url:
        raise SignInFailed("The workflow file does not say where a browser signs in (`authorize_url`).")
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": back,
        "scope": client.scope,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "login_hint": user,
        **client.extra,
    }
    joint = "&" if "?" in client.authorize_url else "?"
    return Begun(f"{client.authorize_url}{joint}{urlencode(asked)}", state, verifier)


def exchange(client: Client, *, code: str, verifier: str, back: str) -> Grant:
    """What a browser brought back, for tokens."""
    said = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    return _grant(client, _token(client, said))


def refresh(client: Client, token: str) -> Grant:
    """A new token for the old. SignInFailed with the reason `invalid_grant`: somebody must sign in again."""
    return _grant(client, _token(client, {"grant_type": "refresh_token", "refresh_token": token}))


def device(client: Client) -> Device:
    """Begin a sign-in whose code is typed in elsewhere."""
    if not client.device_url:
        raise SignInFailed(f"{client.name} offers no sign-in by a code for mailboxes.")
    said = _asked(client, client.device_url, {"client_id": client.client_id, "scope": client.scope})
    if "error" in said:
        raise _refusal(client, said)
    try:
        return Device(
            code=str(said["device_code"]),
            user_code=str(said["user_code"]),
            url=str(said.get("verification_uri") or said["verification_url"]),
            every=float(said.get("interval", 5)),
            seconds=int(said["expires_in"]),
        )
    except (KeyError, TypeError, ValueError) as strange:
        raise _strange(client) from strange


def poll(client: Client, begun: Device) -> Grant | float:
    """The grant, once the code was entered; until then how many seconds longer than before to wait."""
    said = _token(client, {"grant_type": DEVICE, "device_code": begun.code})
    if said.get("error") == "authorization_pending":
        return 0.0
    if said.get("error") == "slow_down":
        return 5.0
    return _grant(client, said)


def _token(client: Client, said: dict[str, str]) -> dict[str, Any]:
    secret = {"client_secret": client.client_secret} if client.client_secret else {}
    return _asked(client, client.token_url, {"client_id": client.client_id, **secret, **said})


def _asked(client: Client, url: str, said: dict[str, str]) -> dict[str, Any]:
    """A form posted, and the object it is answered with. Raises ProviderAway."""
    if not url.startswith("https://") and not http.is_private(url):
        raise SignInFailed("A provider is asked over https:// only.")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = http.ask(url, body=urlencode(said).encode(), headers=headers)
    except http.Away as away:
        raise ProviderAway(f"{client.name} cannot be asked to sign us in. {away.sentence}") from away
    except http.Forbidden as forbidden:
        raise SignInFailed(forbidden.sentence) from forbidden
    if answer.status >= 500 or answer.status == 429:
        raise ProviderAway(f"{client.name} cannot sign anybody in at present ({answer.status}).")
    try:
        found = json.loads(answer.body)
    except ValueError as strange:
        raise _strange(client) from strange
    if not isinstance(found, dict) or (answer.status != 200 and "error" not in found):
        raise _strange(client)
    return found


def _grant(client: Client, said: dict[str, Any]) -> Grant:
    if "error" in said:
        raise _refusal(client, said)
    try:
        return Grant(str(said["access_token"]), str(said.get("refresh_token") or ""), int(said.get("expires_in", 3600)))
    except (KeyError, TypeError, ValueError) as strange:
        raise _strange(client) from strange


def _refusal(client: Client, said: dict[str, Any]) -> SignInFailed:
    reason = str(said["error"])
    return SignInFailed(f"{_named(client)} {SAYS.get(reason, 'said no.')}", reason=reason)


def _strange(client: Client) -> ProviderAway:
    return ProviderAway(f"{_named(client)} answered nothing that could be understood.")


def _named(client: Client) -> str:
    return client.name[:1].upper() + client.name[1:]
