"""Who is asked for consent: everybody the file means who sees the ticket, or who stands in for them; and who brought it
there and is not.

Asked by `recipients`, by `asking` when it mails them, and by the ticket page. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import selectinload

from helpdesk.db import UTCDateTime, answer, session
from helpdesk.people.models import WITH_RIGHTS, Person
from helpdesk.tickets import approvals, in_order, policy, voting
from helpdesk.tickets.approvals import Round
from helpdesk.tickets.models import Event, Ticket
from helpdesk.tickets.voting import Mandate
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Approve

AT_ONE_GO = timedelta(seconds=5)  # a run and the automatic ones it sets off lie closer together than this
_TICKET = bindparam("ticket", type_=Integer)
_MOVES = select(Event.id, Event.at, Event.kind, Event.actor_id).where(Event.kind.in_(("opened", "ran", "moved")))
_SINCE = _MOVES.where(Event.at >= bindparam("entered", type_=UTCDateTime))
_ARRIVAL = in_order.oldest(_SINCE, Event, of=_TICKET).limit(1)
_BACK = in_order.newest(_MOVES, Event, of=_TICKET, before=bindparam("later", type_=Integer)).limit(20)


def asked_now(ticket: Ticket) -> list[Person]:
    """Whom `to: [approvers]` means: who is still asked; after the end those who were asked last."""
    spec, round = voting.spec_of(ticket), approvals.last_round(ticket)
    if spec is None and round is not None:
        spec = voting.asks(round.workflow, round.state)
    if spec is None:
        return []
    done = {cast.voter_id for cast in round.votes} if round and not round.ended_at else set()
    return [each.voter for each in asked_in(ticket, spec, round) if each.voter.id not in done]


def asked_in(ticket: Ticket, spec: Approve, round: Round | None) -> list[Mandate]:
    """Everybody who has a vote in the round, and who gives it."""
    return voting.mandates(ticket, spec, round, _holders(ticket, spec))


def brought_here_by(ticket: Ticket) -> int | None:
    """Whose run brought the ticket to where it is, be it by the automatic ones it set off, as the history has it. None
    where the desk did so by itself, or a change of the file.
    """
    later = answer(_ARRIVAL, ticket=ticket.id, entered=ticket.entered_at).first()
    if later is None:
        return None
    for event in answer(_BACK, ticket=ticket.id, later=later.id + 1):
        if event.kind == "moved" or later.at - event.at > AT_ONE_GO:
            return None
        if event.actor_id is not None:
            return int(event.actor_id)
        later = event
    return None


def _holders(ticket: Ticket, spec: Approve) -> Iterable[Person]:
    """Everybody the file may mean who sees the ticket where it is."""
    everybody = "everyone" in spec.by
    named = "staff" if everybody else revisions.active().rules.holders(spec.by)
    who = policy.staff_with(named)  # type: ignore[arg-type]
    if "assignee" in spec.by and ticket.assignee_id:
        who |= (Person.id == ticket.assignee_id) & Person.disabled_at.is_(None)
    query = select(Person).where(who).options(*WITH_RIGHTS, selectinload(Person.addresses)).order_by(Person.id)
    people: Sequence[Person] = session().scalars(query).all()
    return [person for person in people if policy.sees(person, ticket)]
