"""An error as a program reads it: `application/problem+json` (RFC 9457). `errors` knows what went wrong and in which
words; this is only its other shape, at addresses of the API.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, make_response, request
from flask_babel import gettext as _

ROOM = "/api/"
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "not_now",
    410: "gone",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many",
    500: "ours",
    503: "busy",
}
"""The `code` of an error that no sentence of the desk's own brought one with."""


def title_of(code: str) -> str:
    """What an error is called whose status alone says too little; empty for all others."""
    titles = {
        "hidden": _("Something is not asked"),
        "invalid": _("Something does not fit"),
        "reused": _("The key was used for something else"),
    }
    return titles.get(code, "")


def wanted() -> bool:
    """Whether a program asks: by the address alone, so that an error has the same shape whatever went wrong."""
    return request.path.startswith(ROOM)


def answer(
    status: int,
    detail: str,
    *,
    title: str,
    code: str = "",
    problems: Mapping[str, str] | None = None,
    changes: Sequence[str] | None = None,
    number: str = "",
) -> Response:
    """`problems`: a sentence for each input that is wrong; `changes`: what happened to the ticket since it was read;
    `number`: what to tell us, so that we find it in the log.
    """
    code = code or CODES.get(status, "error")
    said: dict[str, Any] = {
        "type": f"/api/v1/docs#error-{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if problems is not None:
        said["problems"] = dict(problems)
    if changes is not None:
        said["changes"] = list(changes)
    if number:
        said["number"] = number
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    return make_response(body, status, {"Content-Type": "application/problem+json"})
