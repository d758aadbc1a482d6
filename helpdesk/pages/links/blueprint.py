"""The room's blueprint, and the page that says one thing."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("links", __name__, url_prefix="/link")


def said(
    heading: str, sentence: str, *, status: int = 200, sign: str = "check", request_url: str = ""
) -> ResponseReturnValue:
    """What came of it, or why nothing more can. `request_url`: where its customer goes on from here."""
    shown = {"heading": heading, "sentence": sentence, "sign": sign, "request_url": request_url}
    return make_response(render_template("links/said.html", **shown), status)
