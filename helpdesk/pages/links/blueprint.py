"""The room's blueprint, and the page that says one thing."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("links", __name__, url_prefix="/link")


def said(heading: str, sentence: str, *, status: int = 200, sign: str = "check") -> ResponseReturnValue:
    """What came of it, or why nothing more can."""
    return make_response(render_template("links/said.html", heading=heading, sentence=sentence, sign=sign), status)
