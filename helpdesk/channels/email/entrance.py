"""How the mailbox of a source is opened: its address, and the token of its sign-in where it has one.

Asked by who reads mailboxes and who listens to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from helpdesk.channels.email import mailbox, pop3
from helpdesk.channels.email.account import Account, NotLetIn, account
from helpdesk.channels.email.mailbox import Mailbox
from helpdesk.channels.email.oauth import providers, tokens
from helpdesk.channels.email.pop3 import Drop
from helpdesk.errors import NotPossible
from helpdesk.workflows.schema import Source

Box = TypeVar("Box")


def of(source: Source) -> Account:
    """Where and as whom. Raises MailboxAway; it may ask the provider for a new token."""
    try:
        where, client = account(source.options.fetch.address), providers.client_of(source)
    except NotPossible as missing:
        raise NotLetIn(missing.sentence) from missing
    return replace(where, token=tokens.access(source.name, client)) if client else where


@contextmanager
def opened(source: Source) -> Iterator[Mailbox]:
    """The source's IMAP mailbox within the block."""
    with mailbox.held(_signed_in(source, mailbox.signed_in)) as box:
        yield box


@contextmanager
def dropped(source: Source) -> Iterator[Drop]:
    """The source's POP3 mailbox within the block."""
    with pop3.held(_signed_in(source, pop3.signed_in)) as drop:
        yield drop


def _signed_in(source: Source, sign_in: Callable[[Account], Box]) -> Box:
    """A token that was taken back before its time is renewed once."""
    where = of(source)
    try:
        return sign_in(where)
    except NotLetIn:
        if not where.token:
            raise
    tokens.spoiled(source.name, where.token)
    return sign_in(of(source))
