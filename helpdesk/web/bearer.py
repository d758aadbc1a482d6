"""The key that a program brings: `Authorization: Bearer …`, and nowhere else (attack 98).

A key in the address, in a body or in a cookie counts for nothing. Whoever brings none that opens something meets 401
and the challenge of RFC 6750; tries are counted by network, and a right key is never locked out by them (attack 71).
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, request
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpdesk.db import writing
from helpdesk.errors import HelpdeskError
from helpdesk.people import api_tokens
from helpdesk.people.models import ApiToken
from helpdesk.web import limits
from helpdesk.web.visitors import network

log = logging.getLogger(__name__)

_HERE = "helpdesk.token"  # where a request keeps what it has looked up
_USED = "helpdesk.token_used"  # the key whose use is noted once the answer is made
READING = ("GET", "HEAD", "OPTIONS")


class Challenged(HelpdeskError):
    """The key is missing or opens nothing; `challenge` goes into `WWW-Authenticate`."""

    code = "unauthorized"
    status = 401
    challenge = 'Bearer realm="helpdesk"'


class Refused(Challenged):
    """A key was brought and opens nothing: wrong, revoked, expired, or of somebody who is out; which is not said."""

    challenge = 'Bearer realm="helpdesk", error="invalid_token"'


class TooNarrow(Challenged):
    """The key may look and not act."""

    code = "scope"
    status = 403
    challenge = 'Bearer realm="helpdesk", error="insufficient_scope", scope="write"'


def init_app(app: Flask) -> None:
    app.after_request(_note_use)


def current() -> ApiToken | None:
    """The key of this request, looked up once: one that opens something now."""
    if _HERE not in request.environ:
        request.environ[_HERE] = api_tokens.find(_brought())
    found: ApiToken | None = request.environ[_HERE]
    return found


def demand() -> None:
    """Let the request on only with a key that is wide enough for it. Raises Challenged and TooMany."""
    token = current()
    if token is None:
        if not _brought():
            raise Challenged(_("Send a token: “Authorization: Bearer hd_…”. `helpdesk token add` makes one."))
        limits.spend("wrong_token", network())
        raise Refused(_("This token opens nothing: it is wrong, expired or revoked."))
    limits.spend("api", str(token.id))
    if request.method not in READING:
        if token.scope != "write":
            raise TooNarrow(_("This token may only look. Make one with `--scope write` to act."))
        limits.spend("api_write", str(token.id))
    if api_tokens.is_due_a_note(token):
        request.environ[_USED] = token.id


def _brought() -> str:
    """What stands after `Bearer`, in whatever capitals that is written; empty for any other way to say who one is."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip(" ") if scheme.lower() == "bearer" else ""


def _note_use(response: Response) -> Response:
    """A request that only looks writes nothing: what is noted here, at most once in ten minutes, is its own small
    transaction after the answer was made. A database too busy for it costs nobody their answer.
    """
    token_id = request.environ.pop(_USED, None)
    if token_id is not None and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        try:
            with writing():
                api_tokens.note_use(token_id)
        except (OperationalError, PoolTimeout) as busy:
            log.warning("When token %s was last used could not be noted: %s", token_id, busy)
    return response
