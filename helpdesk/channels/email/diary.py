"""The diary of a source: the last hundred things that happened to it, for the administration.

Written in the transaction that does the thing. What the administration says about each kind is its own affair.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from helpdesk.channels.email.models import MailDiary
from helpdesk.db import session

KEPT = 100
KINDS = ("read", "trouble", "well", "paused", "resumed", "listening", "deaf", "test", "arrived", "signed_in")


def note(source: str, kind: str, *, number: int = 0, detail: str = "") -> None:
    """Write one thing down, and forget what is older than the last hundred. Needs a writing transaction."""
    here = session()
    here.add(MailDiary(source=source, kind=kind, number=number, detail=detail[:1000]))
    here.flush()
    of_source = select(MailDiary.id).where(MailDiary.source == source).order_by(MailDiary.id.desc())
    oldest = here.scalar(of_source.offset(KEPT).limit(1))
    if oldest is not None:
        here.execute(delete(MailDiary).where(MailDiary.source == source, MailDiary.id <= oldest))
