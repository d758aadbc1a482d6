"""Who may vote where consent is asked, and for whom: the approvers by the file, their substitutes while they are away.

Asked by `policy` (may they?), by `actions.approving` (whose vote is it), by `actions.approvers` (who is asked) and by
the ticket page. Whoever brought the ticket there has no vote, nor has anybody for them; nobody votes twice, for
whomever it be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.errors import HelpdeskError, NotFound, NotPossible
from helpdesk.people import absences
from helpdesk.people.models import Person
from helpdesk.tickets import approvals
from helpdesk.tickets.approvals import Round
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Approve

NO_SUCH = "There is no such action."
BROUGHT = "You brought the ticket here, so others decide."
BROUGHT_FOR = "Whoever you stand in for brought the ticket here, so others decide."
VOTED = "You have voted already."


@dataclass(frozen=True)
class Mandate:
    """A vote somebody has: their own, or that of `person`, whom they stand in for."""

    person: Person
    voter: Person

    @property
    def is_own(self) -> bool:
        return self.person.id == self.voter.id


def spec_of(ticket: Ticket) -> Approve | None:
    """What the file asks for where the ticket is now."""
    return asks(ticket.workflow, ticket.state)


def asks(workflow: str, state: str) -> Approve | None:
    """What the file asks for in this state."""
    known = revisions.active().desk.workflows.get(workflow)
    found = known.states.get(state) if known else None
    return found.approve if found else None


def refusal(ticket: Ticket, person: Person) -> HelpdeskError | None:
    """Why this member of the staff, who sees the ticket, may not vote on it now; None if they may."""
    spec = spec_of(ticket)
    if spec is None:
        return _elsewhere(ticket, person)
    try:
        mandate(ticket, person, spec, approvals.open_round(ticket))
    except HelpdeskError as refused:
        return refused
    return None


def mandate(ticket: Ticket, person: Person, spec: Approve, round: Round | None) -> Mandate:
    """The vote this person has in the round. Raises NotFound without the right, NotPossible where it is spent."""
    brought_by = round.brought_by_id if round else None
    principals = [person] if counts(person, spec, ticket) else _absent(person, spec, ticket)
    if not principals:
        raise NotFound(NO_SUCH)
    principals = [each for each in principals if each.id != brought_by]
    if person.id == brought_by:
        raise NotPossible(BROUGHT)
    if not principals:
        raise NotPossible(BROUGHT_FOR)
    given = round.votes if round else ()
    if any(vote.voter_id == person.id for vote in given):
        raise NotPossible(VOTED, code="voted")
    spent = {vote.person_id: vote.voter for vote in given}
    unspent = [each for each in principals if each.id not in spent]
    if not unspent:
        raise NotPossible(f"{spent[principals[0].id]} has voted for this already.", code="voted")
    return Mandate(unspent[0], person)


def counts(person: Person, spec: Approve, ticket: Ticket) -> bool:
    """Whether the file names this person, by role or group, as one who may consent."""
    if not (person.is_active and person.is_staff):
        return False
    if "everyone" in spec.by or ("assignee" in spec.by and ticket.assignee_id == person.id):
        return True
    standing = revisions.active().rules.standing(person.roles, person.groups)
    return bool(standing.names & set(spec.by))


def _absent(person: Person, spec: Approve, ticket: Ticket) -> list[Person]:
    """Those who may consent where the ticket is, are away, and named this person."""
    return [each for each in absences.stands_in_for(person) if counts(each, spec, ticket) and _sees(each, ticket)]


def _elsewhere(ticket: Ticket, person: Person) -> HelpdeskError:
    """Nothing is asked where the ticket is. Whoever could vote in another state of it learns just that."""
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    asked = [state.approve for state in workflow.states.values() if state.approve] if workflow else []
    absent = [each for each in absences.stands_in_for(person) if _sees(each, ticket)] if asked else []
    if not any(counts(each, spec, ticket) for each in (person, *absent) for spec in asked):
        return NotFound(NO_SUCH)
    label = workflow.states[ticket.state].label if workflow and ticket.state in workflow.states else ticket.state
    return NotPossible(f"Nothing is asked for consent while the ticket is “{label}”.")


def mandates(ticket: Ticket, spec: Approve, round: Round | None, holders: Iterable[Person]) -> list[Mandate]:
    """Everybody who is asked: of `holders` those who have a vote, or who stands in for them.

    `holders`: people with their rights loaded, who see the ticket. Where the substitute has a vote already, brought the
    ticket there, or does not see it, the one who is away is asked after all.
    """
    brought_by = round.brought_by_id if round else None
    people = [each for each in holders if each.id != brought_by and counts(each, spec, ticket)]
    away = absences.substitutes_of([each.id for each in people])
    busy = {each.id for each in people} | {brought_by}  # nobody has two votes, and who brought it has none
    asked: list[Mandate] = []
    for person in people:
        substitute = away.get(person.id)
        if substitute is not None and substitute.id not in busy and _sees(substitute, ticket):
            busy.add(substitute.id)
            asked.append(Mandate(person, substitute))
        else:
            asked.append(Mandate(person, person))
    return asked


def _sees(person: Person, ticket: Ticket) -> bool:
    rules = revisions.active().rules
    standing = rules.standing(person.roles, person.groups)
    return person.is_active and person.is_staff and rules.sees(standing, ticket.workflow, ticket.state)
