"""Whom a recipient of the file means: the customer, a role, the followers, those who are asked for consent.

Asked by `mailing` and `outside`, and by whoever explains why somebody was written to. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from helpdesk.actions import approvers
from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.people import find
from helpdesk.people.models import WITH_RIGHTS, Membership, Person, PersonRole
from helpdesk.tickets import policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Follower, Ticket
from helpdesk.tickets.outbox import Recipient
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Email


def recipients(email: Email, run: Run) -> list[Recipient]:
    """Who gets this e-mail: each once, without whoever ran the action, and without staff who cannot see the ticket."""
    chosen: dict[str, Recipient] = {}
    for role in (*email.to, *email.bcc):
        for each in considered(role, run.ticket, run.actor):
            if not each.left_out:
                chosen.setdefault(each.address, Recipient(each.address, each.person, role))
    return list(chosen.values())


@dataclass(frozen=True)
class Considered:
    """Somebody whom a recipient of the file means. `left_out`: why they get nothing all the same."""

    person: Person | None
    address: str
    left_out: str = ""


def considered(role: str, ticket: Ticket, actor: Actor) -> Iterator[Considered]:
    """Everybody whom this recipient means where the ticket is, when `actor` runs the action."""
    for person, address in named(role, ticket):
        if not address:
            why = "has no address"
        elif person is not None and person.id == actor.person_id and role != "customer":
            why = "ran it themselves"
        else:
            why = "does not see tickets there" if out_of_sight(person, role, ticket) else ""
        yield Considered(person, address, why)


def out_of_sight(person: Person | None, role: str, ticket: Ticket) -> bool:
    """Staff and followers who do not see the state are not told. An address or number of the file may be an
    outsider's.
    """
    of_the_file = "@" in role or role.startswith("+")
    if person is None or role == "customer" or (of_the_file and not person.is_staff):
        return False
    return not policy.sees(person, ticket)


def named(role: str, ticket: Ticket) -> Iterable[tuple[Person | None, str]]:
    if role == "customer":
        people: Iterable[Person] = [ticket.requester]
    elif role == "assignee":
        people = [ticket.assignee] if ticket.assignee else []
    elif role == "group":
        people = _active(Person.id.in_(select(Membership.person_id).where(Membership.group == (ticket.group or ""))))
    elif role == "followers":
        people = _active(Person.id.in_(select(Follower.person_id).where(Follower.ticket_id == ticket.id)))
    elif role == "approvers":
        people = approvers.asked_now(ticket)
    elif role.startswith("role:"):
        people = _in_role(role.removeprefix("role:"))
    else:
        return [(find.by_email(role), role)]
    return [(person, person.email) for person in people]


def _in_role(role: str) -> list[Person]:
    """Whoever has the role: given directly, by a role that includes it, or by a group."""
    holders = revisions.active().rules.holders([role])
    by_role = select(PersonRole.person_id).where(PersonRole.role.in_(holders))
    by_group = select(Membership.person_id).where(Membership.group.in_(holders))
    return _active(Person.id.in_(by_role) | Person.id.in_(by_group))


def _active(condition: Any) -> list[Person]:
    return list(
        session().scalars(
            select(Person).where(condition, Person.disabled_at.is_(None)).options(*WITH_RIGHTS).order_by(Person.id)
        )
    )
