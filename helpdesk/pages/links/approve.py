"""The page behind an approver's link: what is asked, who has consented, and two buttons. A late one says what happened
meanwhile.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from helpdesk.actions import perform
from helpdesk.actions.door import lock
from helpdesk.db import writing
from helpdesk.errors import HelpdeskError, NotFound, NotPossible
from helpdesk.pages.links.blueprint import bp, said
from helpdesk.tickets import approvals, fields, links, policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.approvals import Round
from helpdesk.tickets.rich import Rich
from helpdesk.web import limits
from helpdesk.web.gates import for_everyone
from helpdesk.web.headers import secret_address
from helpdesk.web.mailed_links import Opened, opened
from helpdesk.web.money import money
from helpdesk.workflows import revisions
from helpdesk.workflows.field_types import Money
from helpdesk.workflows.schema import Field
from helpdesk.workflows.votes import PREFIX

WAYS = ("accept", "reject")
LONGEST = 5000  # characters of a comment


@bp.get("/approve/<token>")
@for_everyone
@secret_address
def approve(token: str) -> ResponseReturnValue:
    """What is asked of this person. Mail scanners that follow the link find nothing to take."""
    link = opened("approve", token)
    round = approvals.find_round(link.ticket, link.claim.round)
    if late := _late(link, round):
        return said(_("Nothing left to decide"), late, sign="clock")
    assert round is not None  # noqa: S101 - for the types: it would be late
    return render_template("links/approve.html", **_asked(link, round))


@bp.post("/approve/<token>")
@for_everyone
@secret_address
def vote(token: str) -> ResponseReturnValue:
    link = opened("approve", token)
    limits.spend("mailed_action", str(link.person.id))
    way = request.form.get("vote", "")
    if way not in WAYS:
        raise NotPossible(_("Nothing was chosen. Open the link once more."))
    comment = request.form.get("comment", "").strip()[:LONGEST]
    try:
        with writing():
            lock(link.ticket.id)  # so that nothing ends the round between looking and voting
            if late := _late(link, approvals.find_round(link.ticket, link.claim.round)):
                raise NotPossible(late)
            values = {"message": Rich.plain(comment)} if comment else {}
            perform(link.ticket.id, PREFIX + way, staff(link.person), values)
    except NotPossible as late_now:
        return said(_("Nothing left to decide"), late_now.sentence, status=late_now.status, sign="clock")
    thanks = _("You approved %(ref)s.") if way == "accept" else _("You rejected %(ref)s.")
    return said(_("Thank you"), thanks % {"ref": link.ticket.ref})


def _late(link: Opened, round: Round | None) -> str:
    """Why this link can do nothing any more; "" while it can."""
    if round is not None and round.ended_at is None:
        refused = policy.refusal(link.ticket, PREFIX + "accept", staff(link.person))
        return "" if refused is None else _why_not(refused)
    if round is None or round.outcome == "left":
        return _("%(ref)s has moved on meanwhile. It is “%(state)s” now.", ref=link.ticket.ref, state=_state(link))
    when = format_datetime(round.ended_at, "medium")
    way = "accept" if round.outcome == "accepted" else "reject"
    who = ", ".join(vote.voter for vote in round.votes if vote.vote == way)
    if round.outcome == "accepted":
        return _("%(ref)s was approved on %(when)s by %(who)s.", ref=link.ticket.ref, when=when, who=who)
    if round.outcome == "rejected":
        return _("%(ref)s was rejected on %(when)s by %(who)s.", ref=link.ticket.ref, when=when, who=who)
    if approvals.open_round(link.ticket) is not None:
        return _("The time for this was over on %(when)s, and all were asked anew. Use the newer mail.", when=when)
    return _("Nobody decided %(ref)s in time. Its time was over on %(when)s.", ref=link.ticket.ref, when=when)


def _why_not(refused: HelpdeskError) -> str:
    return _("You are not asked for this any more.") if isinstance(refused, NotFound) else refused.sentence


def _asked(link: Opened, round: Round) -> dict[str, Any]:
    ticket = link.ticket
    held = fields.held(ticket)
    known = fields.known_fields(ticket.workflow)
    workflow = revisions.active().desk.workflows[ticket.workflow]
    spec = workflow.states[ticket.state].approve
    return {
        "ticket": {"ref": ticket.ref, "subject": ticket.subject, "requester": ticket.requester.shown_name},
        "facts": [
            {"label": each.label, "value": _shown(each, held[each.name])}
            for each in known.values()
            if held.get(each.name) is not None
        ],
        "approval": {
            "need": spec.need if spec else 1,
            "votes": [{"name": vote.person, "by": vote.voter, "at": vote.at} for vote in round.accepted],
            "due_at": round.due_at,
        },
        "url": request.path,
        "desk_url": links.desk_url(ticket.ref),
    }


def _shown(field: Field, value: Any) -> str:
    return money(value, value.currency) if isinstance(value, Money) else fields.shown(field, value)


def _state(link: Opened) -> str:
    state = revisions.active().desk.workflows[link.ticket.workflow].states.get(link.ticket.state)
    return state.label if state else link.ticket.state
