"""Mail, seen from behind: how each source fares, what could not be read, and what goes out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk import files
from helpdesk.admin.blueprint import bp
from helpdesk.admin.pages import page
from helpdesk.channels.email import fetch, store
from helpdesk.channels.email.models import InboundMail, MailSource
from helpdesk.db import session, writing
from helpdesk.errors import NotFound, NotPossible
from helpdesk.web import attachments
from helpdesk.web.gates import for_admin
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Source

ICONS = {"email": "mail", "form": "file-text", "chat": "message-circle"}


@bp.get("/sources", endpoint="sources")
@for_admin
def sources_page() -> ResponseReturnValue:
    """Where tickets come from, and how each is doing."""
    known = {row.name: row for row in session().scalars(select(MailSource))}
    listed = revisions.active().desk.sources.values()
    return render_template("admin/sources.html", sources=[_source(each, known.get(each.name)) for each in listed])


@bp.post("/sources/<name>/fetch", endpoint="fetch_now")
@for_admin
def fetch_now(name: str) -> ResponseReturnValue:
    """Read a mailbox now: its job becomes due."""
    if not fetch.soon(name):
        raise NotPossible(_("This source reads no mailbox, or is being read just now."))
    flash(_("The mailbox is being read."), "success")
    return redirect(url_for("admin.sources"), 303)


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


def _source(source: Source, row: MailSource | None) -> dict[str, Any]:
    reads = getattr(getattr(source.options, "fetch", None), "imap", None)
    status, color = _("In order"), "green"
    if source.type not in ("email", "form"):
        status, color = _("Not open"), "gray"
    elif row is not None and row.error:
        status, color = _("Cannot be read"), "red"
    elif reads and (row is None or row.succeeded_at is None):
        status, color = _("Not read yet"), "amber"
    return {
        "name": source.name,
        "label": source.label or source.name,
        "icon": ICONS.get(source.type, "globe"),
        "address": _address(source),
        "status": {"label": status, "color": color},
        "says": _says(source, reads=bool(reads)),
        "last_at": row.succeeded_at if row else None,
        "error": row.error if row else "",
        "url": None,
        "fetch_url": url_for("admin.fetch_now", name=source.name) if reads else None,
    }


def _address(source: Source) -> str:
    if source.type == "form":
        return url_for("forms.ask", slug=source.options.slug)
    return str(getattr(source.options, "address", ""))


def _says(source: Source, *, reads: bool) -> str:
    if source.type == "chat":
        return _("The file describes this chat, but this version cannot open its window yet: nobody can write here.")
    return _("mail is handed in") if source.type == "email" and not reads else ""


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
