"""Whether the outgoing server lets us in with the sign-in of a mailbox: it is tried, and no mail is sent. A token that
has run out is renewed by that, as by every mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from helpdesk import bare, stored, worker
from helpdesk.cli.checks.base import Verdict, failed, ok
from helpdesk.delivery import smtp_address
from helpdesk.delivery.failures import Unreachable
from helpdesk.delivery.smtp import Server
from helpdesk.delivery.smtp_address import Address
from helpdesk.errors import HelpdeskError


def check(settings: Settings) -> Iterator[Verdict]:
    """Says nothing where mail leaves with a password, and of what the checks before it have said."""
    try:
        server = smtp_address.read(settings.smtp_url)
    except Unreachable:
        return
    if settings.demo or not server.source:
        return
    if settings.database.startswith("sqlite") and not Path(settings.database.partition("///")[2]).exists():
        return
    with bare.opened(settings), suppress(SQLAlchemyError):  # that it cannot be asked was said before
        if not stored.get("muted", False):  # a copy must not renew the sign-in of the desk it was made of
            yield _tried(settings, server)


def _tried(settings: Settings, server: Address) -> Verdict:
    worker.learn()  # and so who lends the tokens
    try:
        Server(settings.smtp_url).knock()
    except HelpdeskError as refused:
        return failed("sending", refused.sentence)
    return ok("sending", f"{server.name} lets us in with the sign-in of “{server.source}”")
