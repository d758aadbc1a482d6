"""Giving consent, and what comes of it: votes are counted, and the end of a round runs what the file says.

Called with the ticket held, so two votes never count at the same moment (attack 95): `vote` by the runs of the type
`approve`, `expire` when the time is over, `review` after a change of the file. The ends of an approval (`accept`,
`reject`, `expired`) run as the desk itself, by whoever called; their events name who decided.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlalchemy import bindparam, update

from helpdesk import clock
from helpdesk.actions import asking
from helpdesk.actions.run import Cause, Following, Run
from helpdesk.db import answer, insert_all
from helpdesk.errors import NotFound
from helpdesk.tickets import approvals, due, voting
from helpdesk.tickets.approvals import Approval, Round, Vote
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.voting import Mandate
from helpdesk.workflows.schema import Approve

AGAIN = "again"

_GO_ON = update(Approval).where(Approval.id == bindparam("round")).values(ended_at=None, outcome="")


def vote(run: Run, way: str) -> None:
    """The run is a vote; it counts once its event is written. Raises what `voting` says of who has none."""
    ticket, person = run.ticket, run.actor.person
    spec = voting.spec_of(ticket)
    if spec is None or person is None or run.actor.kind != "staff":
        raise NotFound(voting.NO_SUCH)
    known = approvals.open_round(ticket)
    round = known or asking.begin(ticket, spec, at=clock.now(), brought_by_id=asking.brought_by(ticket))
    mandate = voting.mandate(ticket, person, spec, round)
    run.data["vote"] = {"way": way, "round": round.id} | ({} if mandate.is_own else {"for": mandate.person.shown_name})
    run.then.append(partial(_count, ticket, spec, round, mandate, way))
    if known is None:
        run.then.append(partial(asking.ask_others, ticket, spec, round))


def expire(ticket: Ticket) -> Following | None:
    """The time to decide is over. Gives what is to follow."""
    spec, round = voting.spec_of(ticket), approvals.open_round(ticket)
    if spec is None or round is None or round.due_at is None or round.due_at > clock.now():
        return None
    asking.end(ticket, "expired")
    if spec.expired != AGAIN:
        return _ending(ticket, round, spec.expired, Cause(told={"approval": {"outcome": "expired"}}))
    asking.ask_anew(ticket, spec, label="Asked for consent again", brought_by_id=round.brought_by_id)
    return None


def review(ticket: Ticket) -> Following | None:
    """The file asks others by now, or needs fewer: who is new is asked, and votes that are enough decide. Gives what is
    to follow then.
    """
    spec, round = voting.spec_of(ticket), approvals.open_round(ticket)
    if spec is None or round is None:
        return None
    if len(round.accepted) >= spec.need:
        return _decide(ticket, spec, round, "accept", Cause())
    asking.ask_new(ticket, spec, round)
    return None


def _count(
    ticket: Ticket, spec: Approve, round: Round, mandate: Mandate, way: str, event: Happened, cause: Cause
) -> Following | None:
    """Write the vote; the first refusal or the last consent needed ends the round. Gives what is to follow then."""
    given = {"person_id": mandate.person.id, "voter_id": mandate.voter.id, "vote": way}
    insert_all(Vote, [{**given, "approval_id": round.id, "event_id": event.id, "at": event.at}])
    counted = approvals.find_round(ticket, round.id)
    if counted is None or (way == "accept" and len(counted.accepted) < spec.need):
        return None
    return _decide(ticket, spec, counted, way, cause)


def _decide(ticket: Ticket, spec: Approve, round: Round, way: str, cause: Cause) -> Following:
    """The round ends by the votes in it, and the history names those that decided."""
    deciding = round.accepted if way == "accept" else [cast for cast in round.votes if cast.vote == "reject"]
    outcome, action = ("accepted", spec.accept) if way == "accept" else ("rejected", spec.reject)
    asking.end(ticket, outcome)
    told = {"approval": {"outcome": outcome, "by": [_named(cast) for cast in deciding]}}
    return _ending(ticket, round, action, replace(cause, told=told))


def _ending(ticket: Ticket, round: Round, action: str, cause: Cause) -> Following:
    """What the end of the round sets off. Where it is refused, the round goes on, and its time with it: somebody may
    still decide.
    """

    def go_on() -> None:
        answer(_GO_ON, round=round.id)
        if round.due_at is not None and round.due_at > clock.now():
            due.put([due.entry(ticket.id, "approval", "expire", round.due_at)])

    return Following(action, cause, go_on)


def _named(cast: approvals.Cast) -> dict[str, str]:
    return {"name": cast.voter} | ({"for": cast.person} if cast.person_id != cast.voter_id else {})
