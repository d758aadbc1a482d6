"""The people of a generated desk: forty of the staff, twenty thousand customers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk import clock
from helpdesk.db import session
from helpdesk.people import find
from helpdesk.people.models import Membership, PersonRole

CUSTOMERS = 20_000
GIVEN = (
    "Ada Bela Cem Dina Emil Fatou Goran Hana Ivo Jing Kaia Lior Mina Noor "
    "Otto Pia Quang Rosa Sven Tala Uma Vera Wim Ximena Yara Zeki"
).split()
FAMILY = (
    "Aalto Berg Costa Diop Evans Farkas Gruber Huang Ilves Jansen Kaya Lopez Meyer "
    "Nowak Okoye Petit Rossi Singh Tamm Ueda Varga Wong Yilmaz Zhang"
).split()


@dataclass(frozen=True)
class Staff:
    """`team` is the group or role they are in."""

    id: int
    name: str
    team: str
    is_group: bool

    @property
    def email(self) -> str:
        return f"staff{self.id:02d}@desk.example"


TEAMS = (("front", 22, True), ("workshop", 10, True), ("accountant", 5, False), ("manager", 3, False))


def _staff() -> Iterator[Staff]:
    number = 0
    for team, size, is_group in TEAMS:
        for _ in range(size):
            number += 1
            yield Staff(number, f"{GIVEN[number % 26]} {FAMILY[number % 24]} {number:02d}", team, is_group)


STAFF = tuple(_staff())


def hire(password_hash: str | None = None) -> None:
    """Write the staff. Needs a writing transaction on a desk without people."""
    for each in STAFF:
        person = find.or_create(each.email, name=each.name, language="en")
        if person.id != each.id:
            raise RuntimeError("The bench wants a desk without people.")
        person.password_hash = password_hash
        person.addresses[0].verified_at = clock.now()
        if each.is_group:
            person.membership_rows = [Membership(group=each.team)]
        else:
            person.role_rows = [PersonRole(role=each.team)]
    session().flush()


@dataclass(frozen=True)
class Customer:
    id: int
    name: str
    email: str


def customers(seed: int) -> list[Customer]:
    chance = random.Random(seed)
    first = len(STAFF) + 1
    return [
        Customer(number, f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}", f"c{number}@mail{number % 97}.example")
        for number in range(first, first + CUSTOMERS)
    ]
