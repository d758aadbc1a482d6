"""How much of what arrived was written by robots, a source and a kind at a time: filed, and never answered.

Shown beside the sources. One question along an index that holds robots only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from helpdesk import clock
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from helpdesk.workflows import revisions

DAYS = 7
KINDS = {
    "auto-reply": _l("Absence notes and notifications"),
    "bounce": _l("Mail that came back"),
    "delay": _l("Mail that is delayed"),
    "complaint": _l("Mail called spam"),
    "receipt": _l("Mail that was opened"),
    "calendar": _l("Answers to invitations"),
    "challenge": _l("Filters that want a proof"),
    "list": _l("Mailing lists"),
    "loop": _l("Our own mail come back"),
}


@dataclass(frozen=True)
class Counted:
    """Mails of one kind that came to one source: in the last day, and in the last week."""

    source: str
    kind: str
    in_a_day: int
    in_a_week: int


def counted() -> list[Counted]:
    """The last week, the most first."""
    now = clock.now()
    of_the_day = func.count().filter(InboundMail.received_at > now - timedelta(days=1))
    week = (
        select(InboundMail.source, InboundMail.robot, of_the_day, func.count())
        .where(InboundMail.robot != "", InboundMail.received_at > now - timedelta(days=DAYS))
        .group_by(InboundMail.source, InboundMail.robot)
        .order_by(func.count().desc(), InboundMail.source, InboundMail.robot)
    )
    sources = revisions.active().desk.sources
    labels = {name: source.label or name for name, source in sources.items()}
    rows = session().execute(week).all()
    return [Counted(labels.get(name, name), str(KINDS.get(kind, kind)), day, all_) for name, kind, day, all_ in rows]
