"""The sign-in of a mailbox, used to send: who has one lends its token, as whoever sends may not know the mailboxes.

The room of mailboxes registers itself by `lent_by`; `smtp` asks `tried`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from helpdesk.delivery.failures import Unreachable

Opened = TypeVar("Opened")


class SignInEnded(Unreachable):
    """Nobody has signed the mailbox in, or that has ended: it does not pass by itself."""


class TokenRefused(Unreachable):
    """The outgoing server does not take the token."""


class Lender(Protocol):
    """Whoever keeps the sign-ins of sources."""

    def token(self, source: str) -> str:
        """What opens the server now. Raises Unreachable; SignInEnded where a person must sign in."""

    def spoiled(self, source: str, token: str) -> None:
        """The server did not take this one; the next is to be another."""


_lenders: list[Lender] = []


def lent_by(lender: Lender) -> None:
    """From now on tokens come from here."""
    _lenders[:] = [lender]


def tried(source: str, opens: Callable[[str], Opened]) -> Opened:
    """Open something with the token of this source; one that was taken back before its time is renewed once."""
    if not _lenders:
        raise Unreachable("This process knows no mailbox that is signed in.")
    (lender,) = _lenders
    token = lender.token(source)
    try:
        return opens(token)
    except TokenRefused:
        lender.spoiled(source, token)
    return opens(lender.token(source))
