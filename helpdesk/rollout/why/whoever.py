"""For whom a button is there now, where nobody was named."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from helpdesk.db import session
from helpdesk.people.models import WITH_RIGHTS, Person
from helpdesk.rollout.why.answer import Reason
from helpdesk.rollout.why.asking import Asking
from helpdesk.tickets import policy
from helpdesk.tickets.actors import customer, staff

NAMED = 10  # people; of the others the number is told


def who_may(asking: Asking) -> list[Person]:
    """The staff who may run it now, by name, and the customer if they may."""
    query = select(Person).where(policy.staff_with("staff")).options(*WITH_RIGHTS, selectinload(Person.addresses))
    people = sorted(session().scalars(query).unique(), key=lambda one: (one.shown_name.casefold(), one.id))
    found = [one for one in people if policy.refusal(asking.ticket, asking.spec.name, staff(one)) is None]
    asker = asking.ticket.requester
    by_customer = policy.refusal(asking.ticket, asking.spec.name, customer(asker)) is None
    return [*found, asker] if by_customer and asker not in found else found


def told(people: list[Person]) -> Reason:
    """Their names, as many as can be read."""
    if not people:
        return Reason(code="whoever", holds=False, says="Nobody has this button now.")
    names = [one.shown_name for one in people[:NAMED]]
    more = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
    has = "has" if len(people) == 1 else "have"
    return Reason(code="whoever", holds=True, says=f"{', '.join(names)}{more} {has} this button now.")
