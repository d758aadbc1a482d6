"""The sign-ins of mailboxes, locked (`sealed`), and renewed by one worker at a time.

`access` is what a mailbox is opened with. Several workers that find it run out do not all ask the provider: one takes a
lease on the row and asks, with no transaction open, and the others wait for what it got. A provider that gives a new
refresh token with each answer would else take the first for stolen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import or_, update

from helpdesk import clock, sealed
from helpdesk.channels.email import diary, standing
from helpdesk.channels.email.account import MailboxAway, NotLetIn
from helpdesk.channels.email.models import MailSignIn
from helpdesk.channels.email.oauth import flows
from helpdesk.channels.email.oauth.flows import Grant, ProviderAway, SignInFailed
from helpdesk.channels.email.oauth.providers import Client
from helpdesk.channels.email.standing import SignInNeeded
from helpdesk.db import session, writing
from helpdesk.delivery import resting, smtp_address
from helpdesk.settings import current

EARLY = timedelta(seconds=90)  # a token is renewed before it runs out, for a sign-in takes its time
LEASE = timedelta(seconds=60)
PATIENCE = 45.0  # seconds to wait for another worker's renewal
PURPOSE = "mail sign-in"
NEEDED = "Nobody has signed this mailbox in. Sign in on its page under Sources, or with `helpdesk mail authorize`."
AGAIN = "Sign in again: the provider does not accept the sign-in of this mailbox any more."


def keep(name: str, grant: Grant, *, who: str = "") -> None:
    """Somebody has signed this source's mailbox in: it is read again. Raises SignInFailed where it would not last."""
    if not grant.refresh:
        reason = "The provider gave no token to renew the sign-in with; its `scope` must ask for offline access."
        raise SignInFailed(reason)
    with writing() as here:
        row = here.get(MailSignIn, name) or MailSignIn(source=name)
        here.add(row)
        _put(row, grant)
        row.signed_in_at = clock.now()
        diary.note(name, "signed_in", detail=who)
        standing.resume(name, who=who)
        if smtp_address.sends_as(name, current().smtp_url):
            resting.ask_again()


def access(name: str, client: Client) -> str:
    """A token this source's mailbox is opened with now. Raises SignInNeeded, or MailboxAway where the provider is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        row = _row(name)
        if row.expires_at - EARLY > clock.now():
            return _opened(row.access, name)
        if _lease(name, row.expires_at):
            return _renewed(row, client)
        if time.monotonic() > deadline:
            raise MailboxAway("The sign-in of this mailbox is being renewed for too long.")
        threading.Event().wait(0.1)  # another worker asks; its answer comes in a moment, or its lease runs out


def spoiled(name: str, token: str) -> None:
    """The mail server did not take this token: it is to be renewed although its time is not over."""
    row = _row(name)
    if _opened(row.access, name) == token:
        with writing() as here:
            here.get_one(MailSignIn, name).expires_at = clock.now()


def _row(name: str) -> MailSignIn:
    session().rollback()  # see what others have written by now, and hold nothing while we wait
    row = session().get(MailSignIn, name, populate_existing=True)
    if row is not None:
        session().expunge(row)  # to be read without a transaction, and whatever becomes of it meanwhile
    session().rollback()
    if row is None:
        raise SignInNeeded(NEEDED)
    if not row.refresh:
        raise SignInNeeded(AGAIN)
    return row


def _lease(name: str, seen: datetime) -> bool:
    now = clock.now()
    free = or_(MailSignIn.lease_until.is_(None), MailSignIn.lease_until < now)
    mine = update(MailSignIn).where(MailSignIn.source == name, MailSignIn.expires_at == seen, free)
    with writing() as here:
        taken = here.execute(mine.values(lease_until=now + LEASE))
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _renewed(old: MailSignIn, client: Client) -> str:
    try:
        grant = flows.refresh(client, _opened(old.refresh, old.source))
    except SignInFailed as refused:
        if refused.reason == "invalid_grant":
            _change(old, _forgotten)
            raise SignInNeeded(AGAIN) from refused
        _change(old, _released)
        raise NotLetIn(refused.sentence) from refused
    except ProviderAway as away:
        _change(old, _released)
        raise MailboxAway(away.sentence) from away
    _change(old, lambda row: _put(row, grant))
    return grant.access


def _change(old: MailSignIn, change: Callable[[MailSignIn], None]) -> None:
    """Write down what became of a renewal, unless somebody has signed the mailbox in anew meanwhile: that stands."""
    with writing() as here:
        row = here.get_one(MailSignIn, old.source, with_for_update=True)
        if row.refresh == old.refresh:
            change(row)


def _put(row: MailSignIn, grant: Grant) -> None:
    row.access = sealed.seal(grant.access, purpose=PURPOSE, owner=row.source)
    if grant.refresh:
        row.refresh = sealed.seal(grant.refresh, purpose=PURPOSE, owner=row.source)
    row.expires_at = clock.now() + timedelta(seconds=max(0, grant.seconds))
    row.lease_until = None


def _forgotten(row: MailSignIn) -> None:
    row.access = row.refresh = ""
    row.lease_until = None


def _released(row: MailSignIn) -> None:
    row.lease_until = None


def _opened(secret: str, name: str) -> str:
    try:
        return sealed.unseal(secret, purpose=PURPOSE, owner=name)
    except sealed.NotOurs as other:
        raise SignInNeeded("Sign in again: this desk has another secret key than the one that locked it.") from other
