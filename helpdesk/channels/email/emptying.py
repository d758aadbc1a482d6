"""Reading a POP3 mailbox: what is new is stored, and only then taken away, where the address says so.

What was stored is remembered by its unique id, in one commit with it. A line that breaks before its polite end has
taken nothing away: the next look finds those mails known, and only takes them away (faults 2 and 13).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice

from sqlalchemy import delete, select

from helpdesk.channels.email import reading, standing
from helpdesk.channels.email.models import MailSeen
from helpdesk.channels.email.pop3 import Drop, Dropped
from helpdesk.channels.email.reading import Read
from helpdesk.channels.email.refused import Refused, instead
from helpdesk.db import session, upsert, writing
from helpdesk.settings import current

LONGEST_ID = 255
AT_ONCE = 500  # ids of one question


def read(name: str, drop: Drop, *, limit: int) -> Read:
    """Store up to `limit` new mails of this source's mailbox."""
    asked = select(MailSeen.uidl, MailSeen.stays).where(MailSeen.source == name)
    seen: dict[str, bool] = dict(session().execute(asked).all())
    refused = Refused(name)
    session().rollback()  # no transaction stays open while the server sends
    listed = drop.listed()
    _forget(name, seen.keys() - {_id(mail) for mail in listed})
    new = [mail for mail in listed if _id(mail) not in seen]
    left = [mail for mail in listed if drop.where.delete and seen.get(_id(mail)) is False]
    for mail in left[: reading.HEALED]:  # so that the line's end, with which they go, is not far
        drop.take_away(mail)
    aside: list[Dropped] = []
    for mail in new[:limit]:
        if refused.often(_id(mail)) and mail is not new[-1]:
            aside.append(mail)
            continue
        large = mail.size > current().upload_limit
        with refused.trying(_id(mail)):
            raw = drop.whole(mail) if not large else reading.too_large(drop.head(mail), mail.size)
        for each in aside:
            reading.keep(name, instead(_id(each)), partial(note_stored, name, each, stays=True), peer="pop3")
        aside.clear()
        reading.keep(name, raw or b"", partial(note_stored, name, mail, stays=large), peer="pop3")
        if drop.where.delete and not large:
            drop.take_away(mail)
    return Read(len(new[:limit]), len(new[limit:]))


def note_stored(name: str, mail: Dropped, *, stays: bool) -> None:
    """This mail is stored."""
    seen = upsert(MailSeen).values(source=name, uidl=_id(mail), stays=stays)
    session().execute(seen.on_conflict_do_update(index_elements=["source", "uidl"], set_={"stays": stays}))
    standing.count(name)


def _forget(name: str, gone: Iterable[str]) -> None:
    """These are on the server no more."""
    left = iter(gone)
    while some := list(islice(left, AT_ONCE)):
        with writing() as here:
            here.execute(delete(MailSeen).where(MailSeen.source == name, MailSeen.uidl.in_(some)))


def _id(mail: Dropped) -> str:
    return mail.uidl[:LONGEST_ID]
