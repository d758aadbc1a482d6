"""What the administration says of a source: its state in words, its last test, its diary. Writes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from helpdesk import clock
from helpdesk.channels.email import account, fetch, standing
from helpdesk.channels.email.account import MailboxAway
from helpdesk.channels.email.models import InboundMail, MailDiary, MailProbe, MailSource
from helpdesk.db import session
from helpdesk.settings import current
from helpdesk.tickets.models import Delivery
from helpdesk.workflows.schema import Source

ICONS = {"email": "mail", "form": "file-text", "chat": "message-circle"}
LOOKED_BACK = 2000  # mails among which the last of each source is looked for
PATIENCE = 300  # seconds after which a test that has not come back is called late


def last_mail() -> dict[str, datetime]:
    """When mail came last, by source, as far as that is among the newest of all."""
    newest = select(InboundMail.source, InboundMail.received_at).order_by(InboundMail.id.desc()).limit(LOOKED_BACK)
    latest = newest.subquery()
    asked = select(latest.c.source, func.max(latest.c.received_at)).group_by(latest.c.source)
    return dict(session().execute(asked).all())


def line(source: Source, row: MailSource | None, came: datetime | None) -> dict[str, Any]:
    """A source in the list of all."""
    label, color = _status(source, row)
    return {
        "name": source.name,
        "label": source.label or source.name,
        "icon": ICONS.get(source.type, "globe"),
        "address": _address(source),
        "status": {"label": label, "color": color},
        "says": _says(source),
        "last_at": came,
        "error": row.error if row else "",
        "url": url_for("admin.sources_one", name=source.name) if source.type == "email" else None,
        "fetch_url": url_for("admin.fetch_now", name=source.name) if _reads(source) and not _rests(row) else None,
    }


def state(source: Source, row: MailSource | None, probe: MailProbe | None, came: datetime | None) -> dict[str, Any]:
    """All about one source of mail."""
    return {
        **line(source, row, came),
        "reads": _reads(source),
        "mailbox": _mailbox(source),
        "read_at": row.read_at if row else None,
        "messages": row.messages if row else 0,
        "backlog": row.backlog if row else 0,
        "hears_since": row.hears_since if row and row.listen_until and row.listen_until > clock.now() else None,
        "paused_at": row.paused_at if row else None,
        "paused": _paused(row),
        "left_alone": bool(row and row.paused_by == standing.PERSON),
        "needs_sign_in": bool(row and row.paused_by == standing.SIGN_IN),
        "test": _test(probe),
        "caught_url": url_for("devmail.inbox") if current().demo else None,
        "pause_url": url_for("admin.sources_do", name=source.name, what="pause"),
        "resume_url": url_for("admin.sources_do", name=source.name, what="resume"),
        "test_url": url_for("admin.sources_test", name=source.name),
        "sign_in_url": url_for("admin.sources_sign_in", name=source.name) if _signs_in(source) else None,
        "list_url": url_for("admin.sources"),
    }


def happened(row: MailDiary) -> dict[str, Any]:
    """A line of the diary."""
    by = f" · {row.detail}" if row.detail else ""
    sign, color, said = {
        "read": ("mail-open", "green", ngettext("%(num)d mail came", "%(num)d mails came", row.number)),
        "trouble": ("triangle-alert", "red", _("It could not be read")),
        "well": ("check", "green", _("It can be read again")),
        "paused": ("hand", "amber", _("Paused")),
        "resumed": ("play", "blue", _("Resumed") + by),
        "listening": ("zap", "green", _("The server tells of new mail by itself")),
        "deaf": ("clock", "gray", _("Looked into every half minute")),
        "test": ("send", "blue", _("A test was sent") + by),
        "arrived": ("mail-check", "green", _("The test came back after %(seconds)d s", seconds=row.number)),
        "signed_in": ("key-round", "green", _("Signed in") + by),
    }[row.kind]
    detail = _pause(row.detail) if row.kind == "paused" else row.detail if row.kind in ("trouble", "deaf") else ""
    return {"at": row.at, "icon": sign, "color": color, "says": said, "detail": detail}


def _status(source: Source, row: MailSource | None) -> tuple[str, str]:
    if source.type not in ("email", "form"):
        return _("Not open"), "gray"
    if row is not None and row.paused_at is not None:
        words = {standing.SIGN_IN: (_("Sign in"), "amber"), standing.REFUSED: (_("Not let in"), "red")}
        return words.get(row.paused_by, (_("Paused"), "violet"))
    if row is not None and row.error:
        return _("Cannot be read"), "red"
    if _reads(source) and (row is None or row.succeeded_at is None):
        return _("Not read yet"), "amber"
    return _("In order"), "green"


def _rests(row: MailSource | None) -> bool:
    """Whether there is no use in trying: a person has to do something first."""
    return row is not None and row.paused_by in (standing.PERSON, standing.SIGN_IN)


def _paused(row: MailSource | None) -> str:
    return _pause(row.paused_by) if row and row.paused_at else ""


def _pause(by: str) -> str:
    known = {
        standing.REFUSED: _(
            "The server does not let us in. It is tried once each half hour, and at once when its address changes."
        ),
        standing.SIGN_IN: _("Nothing is tried until somebody has signed this mailbox in."),
    }
    return known.get(by) or (_("by %(name)s", name=by) if by and by != standing.PERSON else _("by an administrator"))


def _test(probe: MailProbe | None) -> dict[str, Any] | None:
    if probe is None:
        return None
    sent = session().get_one(Delivery, probe.delivery_id)
    took = round((probe.arrived_at - probe.sent_at).total_seconds()) if probe.arrived_at else None
    late = (clock.now() - probe.sent_at).total_seconds() > PATIENCE
    if took is not None:
        label, color = _("It came back"), "green"
    elif sent.status not in ("waiting", "sending", "sent"):
        label, color = _("It could not be sent"), "red"
    elif sent.status == "sent":
        label, color = (_("Not back yet"), "amber") if late else (_("Sent, not back yet"), "blue")
    else:
        label, color = _("Waiting to be sent"), "amber" if sent.error else "blue"
    return {
        "status": {"label": label, "color": color},
        "sent_at": probe.sent_at,
        "took": took,
        "by": {"imap": "IMAP", "pop3": "POP3", "pipe": _("a pipe")}.get(probe.arrived_by, probe.arrived_by),
        "error": "" if took is not None else sent.error,
    }


def _mailbox(source: Source) -> dict[str, Any] | None:
    """Where it is read, without its password; None where mail is handed in, or a variable of its address is not set."""
    if not _reads(source):
        return None
    try:
        where = account.account(fetch.address(source))
    except MailboxAway:
        return None
    then = _("moved to %(folder)s", folder=where.archive) if where.archive else _("marked as seen")
    return {
        "user": where.user,
        "host": where.host,
        "folders": ", ".join(where.folders),
        "then": _("taken away") if where.delete and not where.archive else then,
    }


def _reads(source: Source) -> bool:
    return source.type == "email" and bool(fetch.address(source))


def _signs_in(source: Source) -> bool:
    oauth = source.options.fetch.oauth if _reads(source) else None
    return bool(oauth and (oauth.provider or oauth.authorize_url))


def _address(source: Source) -> str:
    if source.type == "form":
        return url_for("forms.ask", slug=source.options.slug)
    return str(getattr(source.options, "address", ""))


def _says(source: Source) -> str:
    if source.type == "chat":
        return _("The file describes this chat, but this version cannot open its window yet: nobody can write here.")
    return _("mail is handed in") if source.type == "email" and not _reads(source) else ""
