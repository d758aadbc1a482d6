"""Who may come in at each route. A view carries exactly one of five marks; one without any does not start (`ungated`).

    @bp.get("/desk/")
    @for_staff
    def queue(): ...

The mark only says who; the guard below looks before every request, by the rows of this moment (attack 53). Who is not
signed in is led to the sign-in page and back; who is signed in without the right meets the same 404 as for a page
that is not there. Programs are known by the key they bring and by nothing else (`bearer`): a cookie opens no address
of theirs, and their key no page.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.people.models import Person
from helpdesk.web import bearer, sign_ins
from helpdesk.web.fragments import is_fragment
from helpdesk.web.redirects import this_page

View = TypeVar("View", bound=Callable[..., Any])


class Gate(StrEnum):
    EVERYONE = "everyone"
    CUSTOMERS = "customers"
    STAFF = "staff"
    ADMIN = "admin"
    PROGRAMS = "programs"


def for_everyone(view: View) -> View:
    """Public: whoever knows the address."""
    return _marked(view, Gate.EVERYONE)


def for_customers(view: View) -> View:
    """Whoever is signed in, at the cabinet or at the desk; what they see there is asked of the policy."""
    return _marked(view, Gate.CUSTOMERS)


def for_staff(view: View) -> View:
    """Staff signed in at the desk."""
    return _marked(view, Gate.STAFF)


def for_admin(view: View) -> View:
    """Administrators signed in at the desk."""
    return _marked(view, Gate.ADMIN)


def for_programs(view: View) -> View:
    """Programs with a token: to look with any, to act with one for writing. What its person may do is asked of the
    policy.
    """
    return _marked(view, Gate.PROGRAMS)


def current_person() -> Person:
    """Who asks, on a page that is gated. Nothing is there where nobody is signed in."""
    person = visitor()
    if person is None:
        abort(404)
    return person


def visitor() -> Person | None:
    """Who asks, on any page; None = nobody we know."""
    found = bearer.current() if is_for_programs() else sign_ins.current()
    return found.person if found else None


def is_for_programs() -> bool:
    """Whether this request is for an address where no cookie is read."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is not None and gate_of(view) is Gate.PROGRAMS


def at_the_desk() -> bool:
    """Whether this browser may be shown the desk: signed in there, by somebody who works there now."""
    found = sign_ins.current()
    return found is not None and found.audience == "desk" and found.person.is_staff


def gate_of(view: Callable[..., Any]) -> Gate | None:
    return getattr(view, "gate", None)


def ungated(app: Flask) -> list[str]:
    """The endpoints whose view carries no mark."""
    return sorted(name for name, view in app.view_functions.items() if gate_of(view) is None)


def init_app(app: Flask) -> None:
    app.before_request(_guard)


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None:  # no such address: the router has its own answer
        return None
    gate = gate_of(current_app.view_functions[request.endpoint])
    if gate is Gate.EVERYONE:
        return None
    if gate is Gate.PROGRAMS:
        bearer.demand()
        return None
    signed_in = sign_ins.current()
    if signed_in is None:
        return _to_sign_in(gate)
    if gate is Gate.CUSTOMERS or (gate is Gate.STAFF and at_the_desk()):
        return None
    if gate is not Gate.ADMIN or not at_the_desk() or not signed_in.person.is_admin:
        abort(404)
    return None


def _to_sign_in(gate: Gate | None) -> ResponseReturnValue:
    endpoint = "cabinet.sign_in" if gate is Gate.CUSTOMERS else "account.sign_in"
    target = url_for(endpoint, next=this_page())
    if is_fragment():  # the whole page goes there, not the fragment
        return make_response("", 401, {"HX-Redirect": target})
    return redirect(target, 303)


def _marked(view: View, gate: Gate) -> View:
    if gate_of(view) is not None:
        raise TypeError(f"{view.__qualname__} has two gates.")
    view.gate = gate  # type: ignore[attr-defined]
    return view
