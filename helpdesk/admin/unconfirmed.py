"""Requests that wait for their senders to confirm them: taken in by hand, or dropped."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.admin.blueprint import bp
from helpdesk.channels import confirming
from helpdesk.web.gates import for_admin
from helpdesk.workflows import revisions


@bp.get("/unconfirmed", endpoint="unconfirmed")
@for_admin
def unconfirmed() -> str:
    sources = revisions.active().desk.sources
    shown = [
        {
            "address": row.address,
            "subject": row.subject,
            "source": (sources[row.source].label or row.source) if row.source in sources else row.source,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
            "take_url": url_for("admin.unconfirmed_do", request_id=row.id, what="take"),
            "drop_url": url_for("admin.unconfirmed_do", request_id=row.id, what="drop"),
        }
        for row in confirming.waiting()
    ]
    return render_template("admin/unconfirmed.html", requests=shown)


@bp.post("/unconfirmed/<int:request_id>/<any(take, drop):what>", endpoint="unconfirmed_do")
@for_admin
def do(request_id: int, what: str) -> ResponseReturnValue:
    """Taken in by an administrator the address has proven nothing, so automatic mail to it stays within its caps."""
    if what == "take":
        received = confirming.take_in(request_id, proven=False)
        flash(_("It is %(ref)s now.", ref=received.ref), "success")
    else:
        confirming.drop(request_id)
        flash(_("Dropped."), "success")
    return redirect(url_for("admin.unconfirmed"), 303)
