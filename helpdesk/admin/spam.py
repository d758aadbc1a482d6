"""Mail that was kept as spam, and the block list that some of it was kept by."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.admin.blueprint import bp
from helpdesk.admin.pages import page
from helpdesk.channels.email import store
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session, writing
from helpdesk.errors import NotFound, NotPossible
from helpdesk.people import blocked
from helpdesk.people.blocked import Blocked
from helpdesk.web.gates import for_admin


@bp.get("/spam", endpoint="spam")
@for_admin
def spam_page() -> ResponseReturnValue:
    """What is kept as spam, newest first, and whose mail is."""
    rows, pager = page(select(InboundMail).where(InboundMail.status == "spam"), InboundMail.id)
    senders, senders_pager = page(blocked.listed(), Blocked.id, of="senders_", _anchor="senders")
    entries = [
        {
            "value": entry.value,
            "is_domain": entry.kind == "domain",
            "why": entry.why,
            "by": entry.by.name if entry.by else "",
            "at": entry.at,
            "url": url_for("admin.unblock", entry_id=entry.id),
        }
        for entry in senders
    ]
    return render_template(
        "admin/spam.html",
        entries=entries,
        senders_pager=senders_pager,
        messages=[_kept(row) for row in rows],
        pager=pager,
    )


@bp.post("/spam/<int:mail_id>/clear", endpoint="clear_spam")
@for_admin
def clear(mail_id: int) -> ResponseReturnValue:
    """It is none: it is read as any other mail."""
    with writing():
        mail = session().get(InboundMail, mail_id)
        if mail is None:
            raise NotFound(_("There is no such mail."))
        if mail.status != "spam":
            raise NotPossible(_("This mail is not kept as spam any more."))
        mail.cleared = True
        session().flush()
        store.replay(mail_id)
    flash(_("It is being read as any other mail."), "success")
    return redirect(url_for("admin.spam"), 303)


@bp.post("/spam/senders/<int:entry_id>/remove", endpoint="unblock")
@for_admin
def unblock(entry_id: int) -> ResponseReturnValue:
    """Their mail is taken again from now on."""
    with writing():
        if not blocked.remove(entry_id):
            raise NotFound(_("This is not on the list any more."))
    flash(_("Their mail is taken again. What was kept before stays here."), "success")
    return redirect(url_for("admin.spam"), 303)


def _kept(mail: InboundMail) -> dict[str, Any]:
    return {
        "from": _("a robot without an address") if mail.envelope_from == store.NULL_PATH else mail.envelope_from,
        "source": mail.source,
        "why": mail.error,
        "size": mail.size,
        "received_at": mail.received_at,
        "raw_url": url_for("admin.raw_mail", mail_id=mail.id),
        "clear_url": url_for("admin.clear_spam", mail_id=mail.id),
    }
