"""In which language, zone and format a page speaks: the reader's, as far as we have it.

The language is the person's own, else the one chosen on this browser (cookie `language`), else what the browser asks
for; always one that the program is translated into. The zone is the person's, else the company's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from helpdesk.errors import HelpdeskError
from helpdesk.web import gates
from helpdesk.workflows import revisions

babel = Babel()


def init_app(app: Flask) -> None:
    """Give the app its translations, and templates `_()` and `ngettext()`."""
    babel.init_app(app, default_locale="en", locale_selector=_language, timezone_selector=_zone)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _said  # by itself Jinja takes two detours more to the same place


@cache
def languages() -> dict[str, str]:
    """The languages pages can be read in, by code, each by its own name."""
    return {str(each): (each.display_name or str(each)) for each in babel.list_translations()}


def choices(offered: Iterable[tuple[str, str]], theirs: str) -> list[tuple[str, str]]:
    """What a form offers, and what somebody has chosen elsewhere: a form that is sent takes nothing away unseen."""
    listed = list(offered)
    return listed if not theirs or theirs in dict(listed) else [*listed, (theirs, theirs)]


def zones() -> list[str]:
    """Every time zone, in the order of their names."""
    return sorted(_zones())


def _language() -> str:
    if not has_request_context():  # the worker and the command line set a language themselves where they need one
        return "en"
    offered = list(languages())
    person = None if "without_database" in g else gates.visitor()
    for wanted in (person.language if person else "", request.cookies.get("language", "")):
        if wanted in offered:
            return wanted
    return request.accept_languages.best_match(offered, "en") or "en"


def _zone() -> str:
    if "without_database" in g:
        return "UTC"
    person = gates.visitor() if has_request_context() else None
    if person and person.timezone in _zones():
        return person.timezone
    try:
        return revisions.active().desk.company.timezone
    except HelpdeskError:  # no workflow yet: nothing to be shown has a zone
        return "UTC"


@cache
def _zones() -> frozenset[str]:
    """Every zone there is; asking the system takes ten milliseconds."""
    return frozenset(available_timezones())


@pass_eval_context
def _said(context: EvalContext, text: str, /, **values: Any) -> str:
    """`_()` of templates: the text in the reader's language; what is put into it is escaped where the page is."""
    found = _catalogue().ugettext(text)
    return (Markup(found) if context.autoescape else found) % values  # noqa: S704 (a text of ours)


def _catalogue() -> Any:
    """The translations of the language in force, found once a request: a page asks for them a hundred times."""
    locale = get_locale()
    found: tuple[Any, Any] | None = g.get("helpdesk_catalogue")
    if found is None or found[0] is not locale:
        found = g.helpdesk_catalogue = (locale, get_translations())
    return found[1]
