"""Where a mailbox is signed in: what is known of the large providers, and what the workflow file says of any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk.delivery import smtp_address
from helpdesk.errors import NotPossible
from helpdesk.settings import current
from helpdesk.workflows.schema import Source
from helpdesk.workflows.secrets import reveal

_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
_OUTLOOK = "https://outlook.office.com"


@dataclass(frozen=True)
class Client:
    """The desk, as a provider knows it, and where the provider is asked. No `device_url`: it offers no such sign-in for
    mail.
    """

    name: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    device_url: str
    scope: str
    extra: Mapping[str, str]  # more words of the address to sign in at


@dataclass(frozen=True)
class _Provider:
    label: str
    authorize_url: str
    token_url: str
    device_url: str
    scope: str
    sending: str  # what is asked for besides, where mail leaves with the same sign-in; empty: nothing more
    extra: Mapping[str, str]


PROVIDERS = {
    # Google lets its mail scope be asked for in a browser only, and gives a refresh token only to who says these two.
    "google": _Provider(
        label="Google",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        device_url="",
        scope="https://mail.google.com/",
        sending="",
        extra={"access_type": "offline", "prompt": "consent"},
    ),
    "microsoft": _Provider(
        label="Microsoft",
        authorize_url=f"{_MICROSOFT}/authorize",
        token_url=f"{_MICROSOFT}/token",
        device_url=f"{_MICROSOFT}/devicecode",
        scope=f"{_OUTLOOK}/IMAP.AccessAsUser.All {_OUTLOOK}/POP.AccessAsUser.All offline_access",
        sending=f"{_OUTLOOK}/SMTP.Send",
        extra={},
    ),
}


def client_of(source: Source) -> Client | None:
    """How this source's mailbox is signed in; None where it has a password. Raises NotPossible."""
    said = source.options.fetch.oauth if source.options.fetch else None
    if said is None:
        return None
    known = PROVIDERS.get(said.provider or "")

    def there(own: str | None, preset: str) -> str:
        return reveal(own) if own else preset.replace("{tenant}", said.tenant)

    client = Client(
        name=known.label if known else "the provider",
        client_id=reveal(said.client_id),
        client_secret=reveal(said.client_secret) if said.client_secret else "",
        authorize_url=there(said.authorize_url, known.authorize_url if known else ""),
        token_url=there(said.token_url, known.token_url if known else ""),
        device_url=there(said.device_url, known.device_url if known else ""),
        scope=said.scope or (_scope(known, source) if known else ""),
        extra=known.extra if known else {},
    )
    if not client.token_url:
        raise NotPossible("The workflow file does not say where this mailbox is signed in (`token_url`).")
    return client


def _scope(known: _Provider, source: Source) -> str:
    """No more than the desk needs: to send is asked for only where it does so with this sign-in."""
    sends = smtp_address.sends_as(source.name, current().smtp_url)
    return f"{known.scope} {known.sending}" if sends and known.sending else known.scope
