"""What a ticket that waits for consent waits for: how many there are, who gave theirs, who is still asked."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.actions import approvers
from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.rollout.why.answer import Part, Reason
from helpdesk.rollout.why.lines import Lines
from helpdesk.rollout.why.when import moment
from helpdesk.tickets import approvals, voting
from helpdesk.tickets.approvals import Cast
from helpdesk.tickets.models import Ticket

DONE = {"accept": "consented", "reject": "refused"}


def consent(ticket: Ticket, lines: Lines) -> Part | None:
    """The round that is open, if the ticket is in a state that asks."""
    if voting.spec_of(ticket) is None:
        return None
    return Part(name="consent", title="Whose consent it waits for", reasons=tuple(_round(ticket, lines)))


def _round(ticket: Ticket, lines: Lines) -> Iterator[Reason]:
    spec, round = voting.spec_of(ticket), approvals.open_round(ticket)
    if spec is None or round is None:
        return
    until = f", until {moment(round.due_at)}" if round.due_at else ""
    says = f"{len(round.accepted)} of {spec.need} consents are given{until}."
    yield Reason(code="round", says=says, line=lines.of(*spec.path))
    for cast in round.votes:
        yield Reason(code=cast.vote, holds=cast.vote == "accept", says=_cast(cast))
    brought = session().get(Person, round.brought_by_id) if round.brought_by_id else None
    if brought is not None:
        says = f"{brought.shown_name} brought it here, and has no vote."
        yield Reason(code="brought", holds=False, says=says, about=brought.id)
    for person in approvers.asked_now(ticket):
        says = f"{person.shown_name} is asked, and has not voted."
        yield Reason(code="asked", says=says, line=lines.of(*spec.path, "by"), about=person.id)


def _cast(cast: Cast) -> str:
    instead = f" for {cast.person}" if cast.person_id != cast.voter_id else ""
    return f"{cast.voter} {DONE[cast.vote]}{instead} on {moment(cast.at)}."
