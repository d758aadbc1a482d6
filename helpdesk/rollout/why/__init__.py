"""“Why?”: why a button is or is not there, what it would do, who would get the ticket and which mails; and why a ticket
stands as it does (N7). Reads only: nothing is run, and not a row changes.

`action` and `ticket` are asked by `helpdesk workflow why` and by the desk's page; the latter shows `discreet` answers
to whoever is no administrator.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people.models import WITH_RIGHTS, Person
from helpdesk.rollout.why import by_itself, consent, effects, mails, outcome, promised, standing, whoever
from helpdesk.rollout.why.answer import Answer, Part, Reason, discreet, parts, words
from helpdesk.rollout.why.asking import Asking
from helpdesk.rollout.why.guards import guards
from helpdesk.rollout.why.lines import Lines
from helpdesk.tickets import policy
from helpdesk.tickets.actors import Actor, customer, staff
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions, votes
from helpdesk.workflows.findings import did_you_mean
from helpdesk.workflows.schema import Workflow

__all__ = ["Answer", "Part", "Reason", "action", "discreet", "find", "part_of", "ticket"]

WHOLE = (
    joinedload(Ticket.requester).options(joinedload(Person.addresses), *WITH_RIGHTS),
    joinedload(Ticket.assignee).options(joinedload(Person.addresses), *WITH_RIGHTS),
    joinedload(Ticket.tags),
)
"""What an explanation asks of a ticket; whoever loads it through a person asks for the same."""


def find(ref: str) -> Ticket:
    """The ticket of this name or number, for whoever runs the program. Raises NotFound."""
    by_number = ref.isdecimal() and len(ref) < 10  # no ticket has a greater one
    query = select(Ticket).where(Ticket.id == int(ref) if by_number else Ticket.ref == ref).options(*WHOLE)
    found = session().scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound(policy.NOT_THERE)
    return found


def part_of(person: Person, ticket: Ticket) -> Actor:
    """The part somebody plays for this ticket: its customer, unless they are of the staff."""
    own = ticket.requester_id == person.id and not person.is_staff
    return customer(person) if own else staff(person)


def action(ticket: Ticket, name: str, actor: Actor | None, *, path: Path | None = None) -> Answer:
    """Why this action can or cannot be run on the ticket now, and what it would do. `actor`: in whose place; None =
    nobody's in particular. `path`: where the workflow file lies, so that its lines can be named.

    `name` may also be that of an e-mail: then it tells when that is sent. Raises NotFound for what the file does not
    have.
    """
    workflow = _workflow(ticket)
    spec = votes.action_of(workflow, name)
    lines = Lines(path)
    if spec is None:
        return _email(ticket, workflow, name, actor, lines)
    asking = Asking(ticket, spec, actor, lines)
    guarded = guards(asking)
    then = outcome.outcome(asking)
    holds, sentence, people = _verdict(asking, guarded)
    if people is not None:
        guarded = Part(name=guarded.name, title=guarded.title, reasons=(*guarded.reasons, people))
    return Answer(
        ticket=ticket.ref,
        asked=name,
        who=actor.name if actor else "",
        holds=holds,
        sentence=sentence,
        revision=lines.revision,
        parts=parts(
            guarded,
            by_itself.by_itself(asking),
            effects.asks(asking),
            effects.leads(asking),
            then.part,
            mails.mails(asking, then.ticket),
            by_itself.before(asking),
        ),
    )


def ticket(ticket: Ticket, *, path: Path | None = None) -> Answer:
    """Why the ticket is where it is, why its assignee has it, what is due, and what was sent."""
    _workflow(ticket)
    lines = Lines(path)
    return Answer(
        ticket=ticket.ref,
        sentence=f"Why {ticket.ref} stands as it does.",
        revision=lines.revision,
        parts=parts(
            standing.state(ticket, lines),
            standing.assignee(ticket, lines),
            consent.consent(ticket, lines),
            promised.promised(ticket, lines),
            standing.waiting(ticket, lines),
            standing.mails(ticket, lines),
        ),
    )


def _workflow(ticket: Ticket) -> Workflow:
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    if workflow is None or ticket.state not in workflow.states:
        raise NotFound(f"The file has no state “{ticket.state}” any more, in which {ticket.ref} is.")
    return workflow


def _verdict(asking: Asking, guarded: Part) -> tuple[bool | None, str, Reason | None]:
    """Whether the button is there, in one sentence that names the first hindrance."""
    label = asking.spec.label
    against = next((each for each in guarded.reasons if each.holds is False), None)
    if asking.spec.automatic:
        return False, f"“{label}” has no button: the desk runs it by itself.", None
    if asking.actor is None:
        people = whoever.who_may(asking)
        told = whoever.told(people)
        return bool(people), f"“{label}”: {told.says[0].lower() if not people else told.says[0]}{told.says[1:]}", told
    if policy.refusal(asking.ticket, asking.spec.name, asking.actor) is None:
        return True, f"{asking.who} has the button “{label}”.", None
    return False, f"{asking.who} has no button “{label}”. {against.says if against else ''}".strip(), None


def _email(ticket: Ticket, workflow: Workflow, name: str, actor: Actor | None, lines: Lines) -> Answer:
    """When an entry of `emails` is sent, and to whom of this ticket."""
    desk = revisions.active().desk
    if name not in desk.emails:
        hint = did_you_mean(name, [*workflow.actions, *desk.emails])
        raise NotFound(f"“{workflow.label}” has no action “{name[:60]}”, and there is no such e-mail. {hint}".strip())
    senders = [each for each in workflow.actions.values() if any(mail.template == name for mail in each.emails)]
    made = []
    for spec in senders:
        asking = Asking(ticket, spec, actor, lines)
        sent = mails.mails(asking, outcome.outcome(asking).ticket)
        mine = tuple(each for each in sent.reasons if each.says.startswith(f"“{name}”"))
        made.append(Part(name=spec.name, title=f"When “{spec.label}” runs", reasons=mine))
    labels = words((f"“{each.label}”" for each in senders), join="and")
    says = f"“{name}” is sent by {labels}." if senders else f"Nothing of “{workflow.label}” sends “{name}”."
    return Answer(
        ticket=ticket.ref,
        asked=name,
        who=actor.name if actor else "",
        sentence=says,
        revision=lines.revision,
        parts=parts(*made, standing.mails(ticket, lines)),
    )
