"""Who would have the ticket afterwards, and the ticket as it would be: a copy that no session knows, so nothing of it
is ever written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import inspect

from helpdesk.db import session
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.rollout.why import effects
from helpdesk.rollout.why.answer import OTHERS, Part, Reason
from helpdesk.rollout.why.asking import Asking
from helpdesk.routing.decision import Decision
from helpdesk.routing.weighing import weigh
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions


@dataclass(frozen=True)
class Outcome:
    """`ticket`: as it would be, where it would be."""

    ticket: Ticket
    decision: Decision | None
    reasons: tuple[Reason, ...]

    @property
    def part(self) -> Part:
        return Part(name="assigns", title="Who has it then", reasons=self.reasons, decision=self.decision)


def outcome(asking: Asking) -> Outcome:
    """What the ticket would be after the action, as far as it can be known before anything is entered."""
    after = _copy(asking.ticket)
    after.workflow, (after.state, _) = asking.goal.name, effects.target(asking)
    reasons: list[Reason] = []
    how = asking.spec.assign
    decision = weigh(how, after) if how.how == "group" and how.by else None
    person, group = asking.ticket.assignee, asking.ticket.group
    if how.how == "none":
        person, group = None, None
    elif how.how == "actor":
        person = _actor(asking) or person
    elif how.how == "user":
        person = find.by_email(how.user or "")
    elif how.how == "group":
        person = session().get(Person, decision.person_id) if decision and decision.person_id is not None else None
        group = how.group
    after.assignee, after.assignee_id, after.group = person, person.id if person else None, group
    reasons += _told(asking, after, decision)
    if person is not None and not policy.sees(person, after):
        says = f"{person.shown_name} does not see tickets there, so it would be taken from them."
        reasons.append(Reason(code="cleared", says=says, line=asking.lines.of(*_state_path(after)), about=person.id))
        after.assignee, after.assignee_id = None, None
    return Outcome(after, decision, tuple(reasons))


def _actor(asking: Asking) -> Person | None:
    """Whoever runs it, if tickets may be given to them."""
    actor = asking.actor
    if actor is None or actor.kind != "staff" or actor.person is None:
        return None
    return actor.person if policy.may(actor.person, "be_assigned") else None


def _told(asking: Asking, after: Ticket, decision: Decision | None) -> Iterator[Reason]:
    how, line = asking.spec.assign, asking.line("assign")
    has = _who(after)
    if how.how == "keep":
        yield Reason(code="keep", says=f"It stays with {has}." if has else "It stays with nobody.", line=line)
    elif how.how == "none":
        yield Reason(code="none", says="Nobody has it afterwards.", line=line)
    elif how.how == "ask":
        yield Reason(code="ask", says="The form asks.", line=line)
    elif how.how == "user":
        says = f"It goes to {has}." if after.assignee else f"Nobody here has the address {how.user}."
        yield Reason(code="user", says=says, line=line)
    elif how.how == "actor":
        yield Reason(code="actor", says=_actor_says(asking), line=line)
    elif decision is not None:
        line = asking.lines.said(decision.file, decision.line, asking.lines.revision)
        about = None if decision.person_id is not None else OTHERS
        yield Reason(code="routing", says=decision.why, line=line, about=about)
        for each in decision.preferred:
            yield Reason(code=each.word, says=f"{each.word}: {each.says}.", about=OTHERS)
    else:
        yield Reason(code="group", says=f"It goes to {has}, and nobody of them in person.", line=line)


def _actor_says(asking: Asking) -> str:
    if asking.actor is None:
        return "Whoever runs it has it, if tickets may be given to them."
    if _actor(asking) is not None:
        return f"{asking.who} has it."
    why = "is not of the staff here" if asking.actor.kind != "staff" else "may not be assigned"
    return f"It stays as it is, as {asking.who} {why}."


def _who(ticket: Ticket) -> str:
    group = revisions.active().desk.groups.get(ticket.group or "")
    label = group.label if group else ticket.group or ""
    if ticket.assignee is not None:
        return f"{ticket.assignee.shown_name} of {label}" if label else ticket.assignee.shown_name
    return label


def _state_path(ticket: Ticket) -> tuple[str, ...]:
    return (*revisions.active().desk.workflows[ticket.workflow].states[ticket.state].path, "visible_to")


def _copy(ticket: Ticket) -> Ticket:
    columns = inspect(Ticket).column_attrs
    return Ticket(
        **{column.key: getattr(ticket, column.key) for column in columns},
        requester=ticket.requester,
        assignee=ticket.assignee,
    )
