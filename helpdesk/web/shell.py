"""What the frame around every page needs: the company's name, the way home, who is signed in (see layouts/*.html).

Customer pages get `site()`. The desk's own frame is made by the desk, which offers it with `provides_desk`; other
rooms inside that frame (administration, the own account) take it with `bp.context_processor(shell.desk)`, without
knowing the desk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _

from helpdesk.errors import HelpdeskError
from helpdesk.web import gates
from helpdesk.workflows import revisions

Frame = Callable[[], dict[str, Any]]

_frames: dict[str, Frame] = {}


def init_app(app: Flask) -> None:
    app.context_processor(_unless_the_room_brings_one)


def brand() -> str:
    """What the company calls itself; the program's name before there is a workflow, or while the database is away."""
    if "without_database" in g:
        return "Helpdesk"
    try:
        return revisions.active().desk.company.name
    except HelpdeskError:
        return "Helpdesk"


def site() -> dict[str, Any]:
    """The frame of customer pages, as template names."""
    person = None if "without_database" in g else gates.visitor()
    links = [_link(_("Home"), "home.home")]
    if person:
        links.append(_link(_("My requests"), "cabinet.requests"))
    if person and gates.at_the_desk():
        links.append(_link(_("Desk"), "desk.queue"))
    return {
        "shell": {
            "brand": brand(),
            "home_url": "/",
            "links": [link for link in links if link],
            "me": {"name": person.shown_name, "email": person.email} if person else None,
            "sign_in_url": _url("cabinet.sign_in"),
            "profile_url": _url("cabinet.profile"),
            "sign_out_url": _url("account.sign_out"),
            "foot": [] if person else [{"label": _("For staff"), "url": _url("account.sign_in")}],
        }
    }


def provides_desk(frame: Frame) -> Frame:
    """The desk offers its frame: a context processor that gives `shell`, `filters` and `state_filters`."""
    _frames["desk"] = frame
    return frame


def desk() -> dict[str, Any]:
    """The desk's frame, or a bare one where there is none: no desk here, or a page asked for as a fragment."""
    frame = _frames.get("desk")
    return (frame() if frame and gates.at_the_desk() else {}) or site()


def _unless_the_room_brings_one() -> dict[str, Any]:
    """The frame of customer pages, but for rooms that take the desk's: there it would be made for nothing."""
    return {} if desk in current_app.template_context_processors.get(request.blueprint, ()) else site()


def _link(label: str, endpoint: str) -> dict[str, Any] | None:
    url = _url(endpoint)
    return {"label": label, "url": url, "active": request.endpoint == endpoint} if url else None


def _url(endpoint: str) -> str | None:
    """The address of a page, if this desk has it."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None
