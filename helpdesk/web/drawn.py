"""When a page began to be drawn, before it asked the database anything: what it shows is no older than that.

Each part of a page that listens to the doorbell carries it as `data-drawn`; the page's script tells it when it joins,
so that the doorbell can say what happened in between. A piece that is fetched anew carries it as a header.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from helpdesk.live.rung import moment

HEADER = "Drawn"


def init_app(app: Flask) -> None:
    """First of all that looks at a request."""

    @app.before_request
    def begin() -> None:
        g.drawn = moment()

    @app.after_request
    def tell(response: Response) -> Response:
        if "HX-Request" in request.headers and "drawn" in g:
            response.headers[HEADER] = str(g.drawn)
        return response

    app.jinja_env.globals["drawn"] = lambda: g.get("drawn", "")  # a request that was turned away before has none
