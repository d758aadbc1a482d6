"""What every answer carries, errors included: what it may load, who may frame it, and that nobody keeps it.

The policy names each kind of thing our pages need and nothing else: no inline script or style, nothing from elsewhere
(attacks 1, 77, 82). A view that sets one of these headers itself keeps its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request

from config import Settings

View = TypeVar("View", bound=Callable[..., Any])

PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
DOWNLOAD = "default-src 'none'; sandbox; frame-ancestors 'none'"
# A stranger's mail in a frame of the ticket page: no script, no form, nothing from elsewhere. It keeps our origin, as
# its own pictures are files of the ticket, fetched with the reader's cookie; without scripts that gives it nothing.
LETTER = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
)
# A letter of ours carries its style in its lines, because mail programs want it so; nothing else may happen in it.
OUR_LETTER = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; sandbox; frame-ancestors 'self'"

ALWAYS = {
    "Content-Security-Policy": PAGE,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
}


def init_app(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https://")

    @app.after_request
    def dress(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Referrer-Policy", "no-referrer" if _is_secret() else "same-origin")
        response.headers.setdefault("Cache-Control", "no-store, private")  # nobody's to keep (attack 64)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def secret_address(view: View) -> View:
    """Mark a view whose address is a secret, such as a mailed link: its pages tell it to nobody (attack 68)."""
    view.secret_address = True  # type: ignore[attr-defined]
    return view


def logged_path() -> str:
    """The address of this request as a log may keep it: of a secret one, its pattern only."""
    rule = request.url_rule.rule if request.url_rule else ""
    return rule if _is_secret() else request.path


def as_letter(response: Response, *, ours: bool = False) -> Response:
    """An answer that our own page shows in a sandboxed frame: a stranger's letter, or one of `ours` as it leaves."""
    response.headers["Content-Security-Policy"] = OUR_LETTER if ours else LETTER
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _is_secret() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "secret_address", False)
