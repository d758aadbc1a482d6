"""The blueprint of /api/v1 and the one way its answers are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response

from helpdesk.web import csrf

bp = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.protect.exempt(bp)  # no cookie is read here: see `gates.for_programs`


def reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Plain data as JSON. Anything else is a mistake of ours and raises: nothing is turned into text by guessing."""
    body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    return make_response(body, status, {"Content-Type": "application/json", **(headers or {})})
