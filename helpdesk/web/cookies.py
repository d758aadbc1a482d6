"""The one cookie that matters: signed, for this host alone, out of reach of scripts and of other sites."""

from __future__ import annotations

from flask import Flask

from config import Settings
from helpdesk.web import sign_ins


def init_app(app: Flask, settings: Settings) -> None:
    """Name and mark the session's cookie. Over https it is bound to this very host (`__Host-`, RFC 6265bis)."""
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,  # the row of the sign-in decides how long it lasts, not the cookie
        PERMANENT_SESSION_LIFETIME=max(sign_ins.LASTS.values()),
    )
