"""Mail that could not be read, kept until somebody has seen to it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk import files
from helpdesk.admin.blueprint import bp
from helpdesk.admin.pages import page
from helpdesk.channels.email import store
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session, writing
from helpdesk.errors import NotFound, NotPossible
from helpdesk.web import attachments
from helpdesk.web.gates import for_admin


@bp.get("/quarantine", endpoint="quarantine")
@for_admin
def quarantine_page() -> ResponseReturnValue:
    """Mail that could not be read. Kept as it came, until somebody reads it again or sets it aside."""
    query = select(InboundMail).where(InboundMail.status == "quarantined")
    rows, pager = page(query, InboundMail.id)
    return render_template("admin/quarantine.html", messages=[_aside(row) for row in rows], pager=pager)


@bp.get("/quarantine/<int:mail_id>/original.eml", endpoint="raw_mail")
@for_admin
def raw_mail(mail_id: int) -> ResponseReturnValue:
    """The bytes as they came, to be saved, never shown."""
    return attachments.answer(files.read(_mail(mail_id).sha256), filename=f"mail-{mail_id}.eml")


@bp.post("/quarantine/<int:mail_id>/<any(replay, discard):what>", endpoint="quarantine_do")
@for_admin
def quarantine_do(mail_id: int, what: str) -> ResponseReturnValue:
    """Read it again now that its cause is mended, or set it aside."""
    if what == "replay":
        store.replay(mail_id)
        flash(_("It is being read again."), "success")
    else:
        with writing():
            mail = _mail(mail_id)
            if mail.status != "quarantined":
                raise NotPossible(_("This mail is not in quarantine any more."))
            mail.status = "ignored"
        flash(_("Set aside. The original is kept."), "success")
    return redirect(url_for("admin.quarantine"), 303)


def _aside(mail: InboundMail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "source": mail.source,
        "from": _("a robot without an address") if mail.envelope_from == store.NULL_PATH else mail.envelope_from,
        "subject": "",
        "received_at": mail.received_at,
        "problem": mail.error,
        "size": mail.size,
        "raw_url": url_for("admin.raw_mail", mail_id=mail.id),
        "replay_url": url_for("admin.quarantine_do", mail_id=mail.id, what="replay"),
        "discard_url": url_for("admin.quarantine_do", mail_id=mail.id, what="discard"),
    }


def _mail(mail_id: int) -> InboundMail:
    mail = session().get(InboundMail, mail_id)
    if mail is None:
        raise NotFound(_("There is no such mail."))
    return mail
