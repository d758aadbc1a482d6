"""What is believed of a reverse proxy: as many as the settings name, and never a host name.

Nothing of ours is ever built from the request's Host: links come from the configured base address (attack 69).
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Take the visitor's address and scheme from that many proxies. Without any, such headers are only words."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]
