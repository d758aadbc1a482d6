"""The page behind the link that asks whether a request was theirs (WS11). It says no word of the request: whoever reads
here may be somebody whose address a stranger wrote into a form (attack 33).
"""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.channels import confirming
from helpdesk.errors import HelpdeskError, Invalid, NotFound, NotPossible
from helpdesk.pages.links.blueprint import bp, said
from helpdesk.tickets import action_links
from helpdesk.web import limits
from helpdesk.web.gates import for_everyone
from helpdesk.web.headers import secret_address
from helpdesk.web.visitors import network


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@for_everyone
@secret_address
def confirm(token: str) -> ResponseReturnValue:
    try:
        claim = action_links.read("confirm", token)
        confirming.find_waiting(claim.round)
    except NotFound:
        limits.spend("one_time_link", network())
        raise
    except NotPossible as done:
        return _done(done)
    if request.method == "GET":
        return render_template("links/confirm.html", url=request.path)
    limits.spend("mailed_action", network())
    try:
        received = confirming.take_in(claim.round, proven=True)
    except NotPossible as done:
        return _done(done)
    except Invalid as invalid:  # the file asks for something else by now
        return said(_("Not any more"), invalid.sentence, status=invalid.status, sign="clock")
    thanks = _("Your request has the number %(ref)s. We will answer as soon as we can.", ref=received.ref)
    return said(_("Thank you, we have it"), thanks)


def _done(done: HelpdeskError) -> ResponseReturnValue:
    return said(_("Done before"), done.sentence, status=done.status if request.method == "POST" else 200)
