"""How the mailbox of a source is opened: its address, and the token of its sign-in where it has one.

Asked by who reads mailboxes and who listens to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from helpdesk.channels.email import mailbox
from helpdesk.channels.email.account import Account, NotLetIn, account
from helpdesk.channels.email.mailbox import Mailbox
from helpdesk.channels.email.oauth import providers, tokens
from helpdesk.errors import NotPossible
from helpdesk.workflows.schema import Source


def of(source: Source) -> Account:
    """Where and as whom. Raises MailboxAway; it may ask the provider for a new token."""
    try:
        where, client = account(source.options.fetch.address), providers.client_of(source)
    except NotPossible as missing:
        raise NotLetIn(missing.sentence) from missing
    return replace(where, token=tokens.access(source.name, client)) if client else where


@contextmanager
def opened(source: Source) -> Iterator[Mailbox]:
    """The source's mailbox within the block. A token that was taken back before its time is renewed once."""
    where = of(source)
    try:
        box = mailbox.signed_in(where)
    except NotLetIn:
        if not where.token:
            raise
        tokens.spoiled(source.name, where.token)
        box = mailbox.signed_in(of(source))
    with mailbox.held(box):
        yield box
