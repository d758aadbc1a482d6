"""Signing a mailbox in, from its beginning to its tokens: in a browser that comes back to the administration, or in a
terminal beside which there is a browser.

The administration keeps what `begin` gave (state and verifier) in the session of whoever began, so nobody else's visit
can end it.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from helpdesk import clock
from helpdesk.channels.email import account, fetch
from helpdesk.channels.email.oauth import flows, providers, tokens
from helpdesk.channels.email.oauth.flows import Begun, Grant, ProviderAway, SignInFailed
from helpdesk.channels.email.oauth.providers import Client
from helpdesk.errors import NotFound
from helpdesk.settings import current

BACK = "/admin/sources/signed-in"  # where a browser comes back to, behind the desk's own address


def begin(name: str) -> tuple[Begun, str]:
    """Where the browser goes to sign this source's mailbox in, and what the provider is called."""
    client, user = _client(name)
    return flows.begin(client, back=back(), user=user), client.name


def finish(name: str, *, code: str, verifier: str, who: str) -> None:
    """The browser came back with a code. Raises SignInFailed or ProviderAway."""
    client, _ = _client(name)
    tokens.keep(name, flows.exchange(client, code=code, verifier=verifier, back=back()), who=who)


def in_a_terminal(name: str, *, say: Callable[[str], None], ask: Callable[[str], str], browser: bool = False) -> None:
    """The whole of it, for who sits at a terminal."""
    client, user = _client(name)
    grant = _by_code(client, say) if client.device_url and not browser else _by_address(client, user, say, ask)
    tokens.keep(name, grant, who="helpdesk mail authorize")


def back() -> str:
    """The address a browser comes back to; the provider must know it."""
    return current().base_url.rstrip("/") + BACK


def _by_code(client: Client, say: Callable[[str], None]) -> Grant:
    begun = flows.device(client)
    say(f"Open {begun.url} and enter the code {begun.user_code}.")
    every, until = begun.every, clock.now().timestamp() + begun.seconds
    waiting = threading.Event()
    while clock.now().timestamp() < until:
        waiting.wait(every)
        try:
            found = flows.poll(client, begun)
        except ProviderAway:  # the code still holds; it is asked for less often (RFC 8628, 3.5)
            every *= 2
            continue
        if isinstance(found, Grant):
            return found
        every += found
    raise SignInFailed("Nobody entered the code in time.", reason="expired_token")


def _by_address(client: Client, user: str, say: Callable[[str], None], ask: Callable[[str], str]) -> Grant:
    begun = flows.begin(client, back=back(), user=user)
    say(f"Open this address and sign in:\n\n  {begun.url}\n")
    came = parse_qs(urlsplit(ask("The browser ends at a page of this desk. Paste its address here").strip()).query)
    if not hmac.compare_digest(came.get("state", [""])[0].encode(), begun.state.encode()):
        raise SignInFailed("That is not the address at which this sign-in ended.")
    if "code" not in came:
        raise SignInFailed("The sign-in was refused.", reason=came.get("error", [""])[0])
    return flows.exchange(client, code=came["code"][0], verifier=begun.verifier, back=back())


def _client(name: str) -> tuple[Client, str]:
    source = fetch.of_name(name)
    client = providers.client_of(source) if source else None
    if source is None or client is None:
        raise NotFound(f"There is no source “{name}” whose mailbox is signed in (`oauth`).")
    return client, account.account(fetch.address(source)).user
