"""A form or fragment counts only when a page of ours sent it (attack 67).

Two guards, because each has had its holes: a token of this session stands in every form and in htmx's header; what the
browser says about the sender (`Sec-Fetch-Site`, else `Origin`) needs no secret. Signing in and out are guarded too. At
the API no cookie is read, so a foreign page has nothing to misuse there, and neither guard stands.
"""

from __future__ import annotations

from flask import Flask, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect

from config import Settings
from helpdesk.errors import HelpdeskError
from helpdesk.web import gates
from helpdesk.web.readable import parts_of

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")

protect = CSRFProtect()
"""`protect.exempt(view)` is for machines that bring a key of their own, such as the API: never for a page."""


class Foreign(HelpdeskError):
    """The request did not come from a page of ours, or its page is too old."""

    code = "foreign"
    status = 403


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,  # a token is good as long as its session
        WTF_CSRF_SSL_STRICT=False,  # pages behind a mailed link send no Referer on purpose; there are better signs
        WTF_CSRF_METHODS=set(UNSAFE),
    )
    own = _origin(settings.base_url)

    def guard() -> None:
        if request.method in UNSAFE and not gates.is_for_programs() and not _is_ours(own):
            raise Foreign(_("This was sent from another site, so nothing was done. Open the page here and try again."))

    app.before_request(guard)
    protect.init_app(app)


def _is_ours(own: str) -> bool:
    """Whether the browser says that a page of ours sends this. Programs that say nothing are left to the token."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin in (None, "null"):  # `null`: a page that keeps its address to itself, as the one behind a mailed link
        return True
    return origin == own or parts_of(origin).netloc == request.host


def _origin(url: str) -> str:
    parts = parts_of(url)
    return f"{parts.scheme}://{parts.netloc}"
