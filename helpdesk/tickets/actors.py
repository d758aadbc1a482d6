"""Who acts: somebody of the staff, the ticket's customer, another person, or the desk itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpdesk.people.models import Person

Kind = Literal["staff", "customer", "other", "system"]


@dataclass(frozen=True)
class Actor:
    """The asker of an action. The kind is the part they play here, not what they are: an agent may be somebody's
    customer.
    """

    kind: Kind
    person: Person | None = None

    @property
    def person_id(self) -> int | None:
        return self.person.id if self.person else None

    @property
    def name(self) -> str:
        return self.person.shown_name if self.person else ""

    def __str__(self) -> str:
        return self.name or self.kind


SYSTEM = Actor("system")


def staff(person: Person) -> Actor:
    return Actor("staff", person)


def customer(person: Person) -> Actor:
    return Actor("customer", person)
