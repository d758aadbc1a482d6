"""How a mail source fares: in order, in trouble, or paused. Written by the reader of mailboxes and by administrators.

Trouble that may pass is met with longer and longer waits. A server that does not let us in pauses the source: one
alarm, and a single try each half hour, for a password that is refused again and again gets an account locked (fault
12). A source that an administrator paused, or that waits for somebody to sign in, is not tried at all. It goes on at
once when its address in the file is another one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select, update

from helpdesk import alarms, clock
from helpdesk.alarms import Alarm
from helpdesk.channels.email import diary
from helpdesk.channels.email.account import MailboxAway, NotLetIn
from helpdesk.channels.email.models import MailSource
from helpdesk.db import insert_unless_there, session, writing
from helpdesk.errors import NotPossible

EVERY = 30.0  # seconds between two looks into a mailbox
WHILE_HEARD = 600.0  # the same, while the server tells of new mail by itself
LONGEST_PAUSE = timedelta(minutes=30)
PERSON, REFUSED, SIGN_IN = "person", "refused", "sign_in"


class SignInNeeded(NotLetIn):
    """Nobody has signed this mailbox in, or the provider has taken that back: a person must."""


def of(name: str) -> MailSource | None:
    """The row of this source, once it was read."""
    return session().get(MailSource, name)


def rests(name: str, address: str) -> float | None:
    """For how many seconds this source is to be left alone now; None where it may be read.

    `address`: of its mailbox, as the file says it. Another one than was tried last ends a pause that trouble made.
    """
    row = of(name)
    if row is None or row.paused_at is None:
        return None
    if row.paused_by != PERSON and row.address_hash != _hashed(address):
        return None
    if row.paused_by == REFUSED:
        left = (row.read_at or row.paused_at) + LONGEST_PAUSE - clock.now()
        return left.total_seconds() if left > timedelta(0) else None
    return EVERY


def trouble(name: str, address: str, away: MailboxAway) -> None:
    """It could not be read."""
    with writing() as here:
        row = known(name)
        new = row.error != away.sentence
        row.read_at, row.error, row.address_hash = clock.now(), away.sentence, _hashed(address)
        if new:
            diary.note(name, "trouble", detail=away.sentence)
        if isinstance(away, NotLetIn):
            by = SIGN_IN if isinstance(away, SignInNeeded) else REFUSED
            if row.paused_by not in (PERSON, by):
                row.paused_at, row.paused_by = row.paused_at or clock.now(), by
                diary.note(name, "paused", detail=by)
            alarms.sound(alarm(name), f"The mailbox of “{name}” is paused. {away.sentence}")
        else:
            alarms.sound(alarm(name), f"The mailbox of “{name}” cannot be read. {away.sentence}")
        here.flush()


def success(name: str, address: str, *, number: int, backlog: int) -> None:
    """It was read, and gave so many mails; about `backlog` wait there."""
    with writing():
        row = known(name)
        now = clock.now()
        if row.error:
            diary.note(name, "well")
        if row.paused_by != PERSON:
            row.paused_at, row.paused_by = None, ""
        row.read_at = row.succeeded_at = now
        row.error, row.address_hash, row.backlog = "", _hashed(address), backlog
        if number:
            row.mail_at = now
            diary.note(name, "read", number=number)
        alarms.clear(alarm(name))


def pause(name: str, *, who: str = "") -> None:
    """An administrator wants it left alone."""
    with writing():
        row = known(name)
        row.paused_at, row.paused_by = row.paused_at or clock.now(), PERSON
        diary.note(name, "paused", detail=who)


def resume(name: str, *, who: str = "") -> None:
    """It is read again, whatever had paused it."""
    with writing():
        row = known(name)
        row.paused_at, row.paused_by = None, ""
        diary.note(name, "resumed", detail=who)


def try_now(name: str) -> None:
    """An administrator wants it tried, though its server lets nobody in. Raises NotPossible for other pauses."""
    row = of(name)
    if row is None or row.paused_at is None:
        return
    if row.paused_by == PERSON:
        raise NotPossible("This source is paused. Resume it first.")
    if row.paused_by == SIGN_IN:
        raise NotPossible("Somebody has to sign this mailbox in first.")
    with writing():
        known(name).address_hash = ""


def wait(name: str) -> float:
    """Seconds until a mailbox that could not be read is tried again: as long as the trouble has lasted, between the
    usual pause and half an hour.
    """
    since: datetime | None = session().scalar(
        select(Alarm.raised_at).where(Alarm.subject == alarm(name), Alarm.cleared_at.is_(None))
    )
    lasted = clock.now() - since if since else timedelta(0)
    return max(EVERY, min(lasted, LONGEST_PAUSE).total_seconds())


def next_look(name: str) -> float:
    """Seconds until a mailbox that was read is looked into again."""
    row = of(name)
    heard = row and row.hears_since and row.listen_until and row.listen_until > clock.now()
    return WHILE_HEARD if heard else EVERY


def known(name: str) -> MailSource:
    """The row of this source, new where it was never read. Needs a writing transaction."""
    here = session()
    row = here.get(MailSource, name)
    if row is None:  # another reader may be the first at the same moment
        insert_unless_there(MailSource, name=name)
        row = here.get_one(MailSource, name)
    return row


def count(name: str) -> None:
    """One mail more was read there. The database adds: of two who read at once, none takes the other's back."""
    known(name)
    session().execute(update(MailSource).where(MailSource.name == name).values(messages=MailSource.messages + 1))


def alarm(name: str) -> str:
    return f"source:{name}"


def _hashed(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
