"""How an error looks to a person: a page with one sentence, or for a fragment a word at the edge of the page. A program
at the API gets the same as JSON (`problems`).

`HelpdeskError` already is a sentence. What we did not foresee is logged under a number, and the person is told the
number only: never a trace, a path or a version (attack 100).
"""

from __future__ import annotations

import json
import logging
import secrets
from http import HTTPStatus

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from helpdesk import disk
from helpdesk.db import session
from helpdesk.errors import HelpdeskError, Invalid, Stale, TooMany
from helpdesk.web import bearer, csrf, gates, problems
from helpdesk.web.fragments import is_fragment
from helpdesk.web.headers import logged_path
from helpdesk.web.redirects import this_page
from helpdesk.workflows.revisions import NoDeskError

log = logging.getLogger(__name__)

DESK = "desk.queue"  # where staff works, if this desk has it
TRY_AGAIN_IN = 5  # seconds, while the database is busy or away
ROOM_IN = 300  # seconds, while the disk is full: somebody has to see to it


def init_app(app: Flask) -> None:
    app.register_error_handler(HelpdeskError, _said)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _unforeseen)
    app.register_error_handler(OSError, _no_room)
    for trouble in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(trouble, _database_away)


def answer(
    status: int,
    sentence: str,
    *,
    title: str = "",
    number: str = "",
    retry_after: int | None = None,
    error: HelpdeskError | None = None,
) -> Response:
    """An error as this visitor can read it: a page, or for a fragment a word at the edge of the page they are on, or
    for a program JSON. `number`: what to tell us, so that we find it in the log; `error`: what was raised.
    """
    if problems.wanted():
        response = problems.answer(
            status,
            sentence,
            title=title or problems.title_of(error.code if error else "") or _title(status),
            code=error.code if error else "",
            problems=error.problems if isinstance(error, Invalid) else None,
            changes=error.changes if isinstance(error, Stale) else None,
            number=number,
        )
    elif is_fragment():
        if number:
            sentence = _("%(sentence)s Tell us this number: %(number)s", sentence=sentence, number=number)
        response = make_response("", status)
        response.headers["HX-Trigger"] = json.dumps({"toast": {"text": sentence, "kind": "error"}})
        response.headers["HX-Reswap"] = "none"
    else:
        shown = {"status": status, "title": title or _title(status), "sentence": sentence, "number": number}
        response = make_response(render_template("errors/error.html", actions=_ways_out(status), **shown), status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def offer(label: str, url: str) -> None:
    """Should this request end in an error, its page leads there first: such as to a new link, where one was spent."""
    g.error_offer = {"label": label, "url": url}


def _said(error: HelpdeskError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s", error.sentence)
    title = _("Not set up yet") if isinstance(error, NoDeskError) else ""
    wait = error.retry_after if isinstance(error, TooMany) else None
    response = answer(error.status, error.sentence, title=title, retry_after=wait, error=error)
    if isinstance(error, bearer.Challenged):
        response.headers["WWW-Authenticate"] = error.challenge
    return response


def _stale_form(_error: CSRFError) -> Response:
    sentence = _("This page is too old or was sent from elsewhere, so nothing was done. Open it anew and try again.")
    return _said(csrf.Foreign(sentence))


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    response = answer(error.code, _sentence(error.code))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _unforeseen(error: InternalServerError) -> Response:
    number = secrets.token_hex(4)
    log.error("Error %s at %s %s", number, request.method, logged_path(), exc_info=error.original_exception)
    _forget_database()
    sentence = _("It was nothing you did. What you were just doing may not be saved: look, then try again.")
    return answer(500, sentence, number=number)


def _database_away(error: Exception) -> Response:
    log.error("The database did not answer at %s %s: %s", request.method, logged_path(), error)
    _forget_database()
    sentence = _("The desk is very busy or being looked after. Nothing was lost; please try again in a moment.")
    return answer(503, sentence, retry_after=TRY_AGAIN_IN)


def _no_room(error: OSError) -> Response:
    """A full disk (fault 21): nothing of what was sent is kept, and it may be sent again."""
    if error.errno not in disk.FULL:
        raise error
    log.error("There is no room on the disk at %s %s: %s", request.method, logged_path(), error)
    _forget_database()
    sentence = _("This desk has no room left for files, so nothing was kept. Please try again later.")
    return answer(503, sentence, retry_after=ROOM_IN)


def _forget_database() -> None:
    """The error page is drawn without the database, which may be what is broken."""
    g.without_database = True
    try:
        session().rollback()
    except (OperationalError, InterfaceError, PoolTimeout) as gone:
        log.warning("The broken connection could not be given back: %s", gone)


def _ways_out(status: int) -> list[dict[str, str]]:
    """Where the page leads, beside home: to what the view offered; once more to the same, where that makes sense; back
    to the desk, for whoever works there.
    """
    if offered := g.get("error_offer"):
        return [offered]
    passes = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
    if passes and request.method == "GET":
        return [{"label": _("Try again"), "url": this_page()}]
    if "without_database" not in g and gates.at_the_desk() and DESK in current_app.view_functions:
        return [{"label": _("Desk"), "url": url_for(DESK)}]
    return []


def _title(status: int) -> str:
    titles = {
        400: _("We did not understand that"),
        401: _("Who is asking?"),
        403: _("Not from here"),
        404: _("Nothing here"),
        405: _("Not this way"),
        409: _("Not now"),
        413: _("That is too big"),
        415: _("Not in this shape"),
        422: _("Something is missing"),
        429: _("A little slower, please"),
        503: _("Back in a moment"),
    }
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return titles.get(status) or (_("Something went wrong on our side") if ours else _("That did not work"))


def _sentence(status: int) -> str:
    sentences = {
        400: _("Your browser sent something we cannot read. Go back and try again."),
        404: _("There is nothing at this address. It may have moved, or it is not yours to see."),
        405: _("This address cannot be used that way."),
        413: _("What you sent is larger than we can take. Send smaller files, or fewer at once."),
        415: _("We cannot read this kind of content here."),
        429: _("That was tried too often. Please wait a little, then try again."),
        503: _("The desk is very busy or being looked after. Please try again in a moment."),
    }
    return sentences.get(status) or _("That did not work. Go back and try again.")
