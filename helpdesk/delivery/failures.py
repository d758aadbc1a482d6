"""How sending can fail, whoever sends: a mail server, a driver, the desk itself. `attempts` knows what comes of it."""

from __future__ import annotations

from helpdesk.errors import HelpdeskError


class NotNow(HelpdeskError):
    """It may work later: the other side is away, or busy."""

    code = "not_now"


class Unreachable(NotNow):
    """Nothing can leave at present, which is nobody's fault but the server's or the settings'."""


class Unsigned(NotNow):
    """The key of its sender's domain cannot be used: mail of this domain waits, and no other's."""

    def __init__(self, sentence: str, *, domain: str) -> None:
        super().__init__(sentence)
        self.domain = domain


class Never(HelpdeskError):
    """It will never work: no such address, no such number, no such account."""

    code = "never"
