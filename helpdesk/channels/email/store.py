"""The first thing that happens to a mail: its raw bytes are kept, before anybody looks into them.

Called by the SMTP door, the pipe and the mailbox reader. The file is on the disk before the row names it, and the row
comes in one commit with the job that will read it: whoever is told "stored" can forget the mail (fault 2). The same
bytes for the same source are one row, however often they come (faults 14 and 16).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from sqlalchemy import Executable, bindparam, select

from helpdesk import files, jobs
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import answer, is_sqlite, session, upsert, writing
from helpdesk.errors import NotFound, NotPossible

NULL_PATH = "<>"  # the envelope sender of robots; an empty text means that nobody told us


def keep(
    raw: bytes,
    *,
    source: str,
    envelope_from: str = "",
    envelope_to: Sequence[str] = (),
    peer: str = "",
    also: Callable[[], None] | None = None,
) -> int:
    """Store a mail for `source` (a name in the workflow file; empty = look for it in the mail) and give its id,
    committed.

    `also`: what belongs to the same commit, such as how far a mailbox has been read. Raises whatever the disk or
    database raises; then nothing is promised.
    """
    content = files.store(raw)
    row = {
        "source": source,
        "sha256": content.sha256,
        "size": content.size,
        "envelope_from": envelope_from[:320],
        "envelope_to": ", ".join(envelope_to)[:10_000],
        "peer": peer[:60],
    }
    with writing():
        mail_id: int | None = answer(_added(is_sqlite()), **row).scalar()
        if mail_id is not None:
            _will_be_read(mail_id)
        else:  # it is here already, or another door has stored it at this very moment
            mail_id = answer(KNOWN, source=source, sha256=content.sha256).scalar_one()
        if also:
            also()
    return int(mail_id)


def replay(mail_id: int) -> None:
    """Read a mail again that was put aside, now that somebody mended what was wrong."""
    with writing() as here:
        row = here.get(InboundMail, mail_id) if 0 < mail_id < 2**31 else None  # no row has a greater key
        if row is None:
            raise NotFound("There is no such mail.")
        if row.status == "filed":
            raise NotPossible("This mail is on its ticket already.")
        row.status, row.error, row.attempts = "received", "", 0
        if not jobs.hasten(_dedupe(mail_id)):  # its job may have been given up, and is there still
            _will_be_read(mail_id)


KNOWN = select(InboundMail.id).where(
    InboundMail.source == bindparam("source"), InboundMail.sha256 == bindparam("sha256")
)


@cache
def _added(sqlite_: bool) -> Executable:
    added = upsert(InboundMail, on_sqlite=sqlite_)
    return added.on_conflict_do_nothing(index_elements=["source", "sha256"]).returning(InboundMail.id)


def _will_be_read(mail_id: int) -> None:
    jobs.enqueue("read_mail", {"mail": mail_id}, dedupe=_dedupe(mail_id))


def _dedupe(mail_id: int) -> str:
    return f"read_mail:{mail_id}"


def waiting(limit: int = 100) -> list[InboundMail]:
    """What was put aside and waits for somebody, newest first."""
    aside = select(InboundMail).where(InboundMail.status == "quarantined").order_by(InboundMail.id.desc())
    return list(session().scalars(aside.limit(limit)))
