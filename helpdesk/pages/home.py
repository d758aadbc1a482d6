"""The first page: what one can ask us by, and the way to one's requests."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from helpdesk.web.gates import for_everyone
from helpdesk.workflows import revisions

bp = Blueprint("home", __name__)


@bp.get("/")
@for_everyone
def home() -> str:
    desk = revisions.active().desk
    forms = [
        {"label": source.label or source.name, "url": f"/forms/{source.options.slug}"}
        for source in desk.sources.values()
        if source.type == "form"
    ]
    return render_template("home.html", forms=forms, requests_url=url_for("cabinet.requests"))
