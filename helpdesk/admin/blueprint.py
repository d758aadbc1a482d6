"""The room's blueprint. Its pages stand in the desk's frame, with the administration's sections beside the filters."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from helpdesk import alarms
from helpdesk.web import shell
from helpdesk.workflows import revisions

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.context_processor
def frame() -> dict[str, Any]:
    """The desk's frame; `alarms` and `file_problems` are what an administrator must hear of, on every page of this
    room.
    """
    found = shell.desk()
    if "shell" in found:
        found["shell"] = {**found["shell"], "sections": sections(), "sections_title": _("Administration")}
        found["state_filters"] = []  # here they would push the administration out of sight
    return {**found, "alarms": alarms.standing(), "file_problems": revisions.problems()}


def sections() -> list[dict[str, Any]]:
    places = (
        ("admin.people", _("People"), "users"),
        ("admin.workflow", _("Workflow"), "workflow"),
        ("admin.sources", _("Sources"), "mail"),
        ("admin.quarantine", _("Quarantine"), "shield-check"),
        ("admin.spam", _("Spam"), "ban"),
        ("admin.unconfirmed", _("Not confirmed"), "mail-check"),
        ("admin.outbox", _("Outbox"), "send"),
        ("admin.alarms", _("Alarms"), "bell"),
    )
    here = (request.endpoint or "").removesuffix("_one")
    here = next((f"admin.{each}" for each in ("workflow", "sources") if here.startswith(f"admin.{each}_")), here)
    return [
        {"label": label, "url": url_for(endpoint), "icon": icon, "active": here == endpoint, "count": None}
        for endpoint, label, icon in places
    ]
