"""The sign-in of a source's mailbox, lent to who sends the desk's mail (`delivery.grants`). Known to
each process that has imported it (`worker.learn`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from helpdesk.channels.email import fetch
from helpdesk.channels.email.account import MailboxAway
from helpdesk.channels.email.oauth import providers, tokens
from helpdesk.channels.email.oauth.providers import Client
from helpdesk.channels.email.standing import SignInNeeded
from helpdesk.delivery import grants
from helpdesk.delivery.failures import Unreachable
from helpdesk.delivery.grants import SignInEnded
from helpdesk.errors import NotPossible


class _Mailboxes:
    """The sources of the workflow file that are signed in."""

    def token(self, source: str) -> str:
        with _told(source):
            return tokens.access(source, _client(source))

    def spoiled(self, source: str, token: str) -> None:
        with _told(source):
            tokens.spoiled(source, token)


@contextmanager
def _told(source: str) -> Iterator[None]:
    try:
        yield
    except SignInNeeded as ended:
        raise SignInEnded(f"Mail is sent with the sign-in of “{source}”. {ended.sentence}") from ended
    except (MailboxAway, NotPossible) as away:
        raise Unreachable(f"Mail is sent with the sign-in of “{source}”. {away.sentence}") from away


def _client(name: str) -> Client:
    source = fetch.of_name(name)
    client = providers.client_of(source) if source else None
    if client is None:
        raise NotPossible(f"The workflow file has no source “{name}” whose mailbox is signed in (`oauth`).")
    return client


grants.lent_by(_Mailboxes())
