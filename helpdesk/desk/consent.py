"""What is asked where a ticket waits for consent: who may give it, who has, how much is needed and until when.

For desk/_consent.html. Asks the database only in a state with `approve`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from helpdesk.actions.approvers import asked_in
from helpdesk.errors import HelpdeskError, NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import approvals, policy, voting
from helpdesk.tickets.actors import staff
from helpdesk.tickets.approvals import Cast
from helpdesk.tickets.models import Ticket
from helpdesk.web import nonces
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Approve, Workflow
from helpdesk.workflows.votes import PREFIX, TYPE

SHOWN = 12  # people by name; of more only how many


def consent(person: Person, ticket: Ticket) -> dict[str, Any] | None:
    """What the page shows of the approval; None where nothing is asked."""
    spec, workflow = voting.spec_of(ticket), revisions.active().desk.workflows.get(ticket.workflow)
    if spec is None or workflow is None:
        return None
    round = approvals.open_round(ticket)
    votes = round.votes if round else ()
    asked = asked_in(ticket, spec, round)
    waiting = [each for each in asked if each.person.id not in {vote.person_id for vote in votes}]
    refused = _refused(ticket, person, spec, round)
    return {
        "need": spec.need,
        "given": sum(vote.vote == "accept" for vote in votes),
        "due_at": round.due_at if round else None,
        "by": _named(spec),
        "votes": [_vote(vote) for vote in votes],
        "waiting": [
            {"name": each.person.shown_name, "by": "" if each.is_own else each.voter.shown_name}
            for each in waiting[:SHOWN]
        ],
        "more": max(0, len(waiting) - SHOWN),
        "round": round.id if round else 0,
        "may": refused is None and not _own_words(workflow, ticket, person),
        "why_not": refused.sentence if refused is not None and not isinstance(refused, NotFound) else "",
        "accept_url": url_for("desk.done", ref=ticket.ref, action=f"{PREFIX}accept"),
        "reject_url": url_for("desk.done", ref=ticket.ref, action=f"{PREFIX}reject"),
        "nonce": nonces.fresh(),
    }


def _refused(ticket: Ticket, person: Person, spec: Approve, round: approvals.Round | None) -> HelpdeskError | None:
    try:
        voting.mandate(ticket, person, spec, round)
    except HelpdeskError as refused:
        return refused
    return None


def _own_words(workflow: Workflow, ticket: Ticket, person: Person) -> bool:
    """Whether the file has vote buttons of its own here; they stand among the actions."""
    offered = (workflow.actions[name] for name in workflow.states[ticket.state].actions)
    return any(each.type == TYPE and policy.refusal(ticket, each.name, staff(person)) is None for each in offered)


def _vote(vote: Cast) -> dict[str, Any]:
    by = vote.voter if vote.voter_id != vote.person_id else ""
    return {"name": vote.person, "by": by, "way": vote.vote, "at": vote.at}


def _named(spec: Approve) -> Sequence[str]:
    """Who may consent, in the file's words."""
    desk = revisions.active().desk
    special = {"everyone": _("all staff"), "assignee": _("whoever has the ticket")}
    labels = {name: role.label for name, role in desk.roles.items()}
    labels |= {name: group.label for name, group in desk.groups.items()}
    return [special.get(name) or labels.get(name, name) for name in spec.by]
