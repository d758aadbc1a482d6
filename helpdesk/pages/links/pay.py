"""The page behind `links.pay`: how much, for what, to whom. And the address where a payment provider's notices arrive.

In the local twin a press of the button pays, and the page says in so many words that no money moves.
"""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.delivery import payments as provider
from helpdesk.errors import Invalid, NotFound
from helpdesk.pages.links.blueprint import bp, said
from helpdesk.tickets import action_links, links, payments
from helpdesk.tickets.payments import AskedPayment
from helpdesk.web import csrf, limits
from helpdesk.web.gates import for_everyone
from helpdesk.web.headers import secret_address
from helpdesk.web.mailed_links import Opened, opened
from helpdesk.web.money import money
from helpdesk.web.shell import brand

LARGEST = 64_000  # bytes of a notice


@bp.get("/pay/<token>")
@for_everyone
@secret_address
def pay(token: str) -> ResponseReturnValue:
    """What there is to pay. Opening it changes nothing (attack 68)."""
    link, asked = _asked(token)
    if asked is None or provider.expected_by(link.ticket) is None:
        return _nothing_to_pay(link, asked)
    return render_template("links/pay.html", **_shown(link, asked))


@bp.post("/pay/<token>")
@for_everyone
@secret_address
def pretend(token: str) -> ResponseReturnValue:
    """Pay in the twin; where a real provider is set up there is no such button."""
    link, asked = _asked(token)
    limits.spend("mailed_action", str(link.person.id))
    if asked is None or provider.expected_by(link.ticket) is None:
        return _nothing_to_pay(link, asked)
    amount = money(asked.due, asked.currency)
    outcome = provider.pretend(asked)
    if outcome == "aside":
        return said(_("Thank you"), _("We have your payment and will look at it."), sign="clock")
    return said(_("Thank you"), _("We received %(amount)s. It was make-believe: no money moved.", amount=amount))


@csrf.protect.exempt
@bp.post("/pay/notice")
@for_everyone
def notice() -> ResponseReturnValue:
    """A provider says that somebody paid. Only its signature speaks for it (attack 97)."""
    body = request.stream.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Invalid({"body": _("This is too long for a notice.")})
    provider.notice({name.lower(): value for name, value in request.headers}, body)
    return Response(status=204)


def _asked(token: str) -> tuple[Opened, AskedPayment | None]:
    """The link, and what is asked now: a newer request stands in the place of the one the mail spoke of."""
    link = opened("pay", token)
    if link.person.id != link.ticket.requester_id:  # it has become somebody else's since
        raise NotFound(action_links.WRONG)
    return link, payments.asked(link.ticket)


def _nothing_to_pay(link: Opened, asked: AskedPayment | None) -> ResponseReturnValue:
    if asked is None:
        return said(_("Nothing to pay"), _("Nothing is left to pay for %(ref)s. Thank you.", ref=link.ticket.ref))
    sentence = _("We do not wait for a payment for %(ref)s just now.", ref=link.ticket.ref)
    return said(_("Nothing to pay"), sentence, sign="clock")


def _shown(link: Opened, asked: AskedPayment) -> dict[str, Any]:
    return {
        "ticket": {"ref": link.ticket.ref, "subject": link.ticket.subject},
        "company": brand(),
        "amount": money(asked.due, asked.currency),
        "whole": money(asked.amount, asked.currency) if asked.received else "",
        "make_believe": provider.may_pretend(),
        "url": request.path,
        "cabinet_url": links.cabinet_url(link.ticket.ref),
    }
