"""Who works at the demo's company, and how they sign in. Ten people in four roles, in six time zones."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from helpdesk import clock
from helpdesk.db import session
from helpdesk.people import find, passwords
from helpdesk.people.models import Membership, Person, PersonRole

PASSWORD = "northwind demo"  # noqa: S105 (the demo's people are made up and it prints this at the start)


@dataclass(frozen=True)
class Colleague:
    """One of the ten. `role` is given directly, `group` brings the role of its members."""

    name: str
    job: str
    timezone: str
    city: str
    country: str
    role: str = ""
    group: str = ""
    admin: bool = False

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@example.test"


STAFF = (
    Colleague("Ann Byrne", "Support agent", "Europe/Dublin", "Galway", "Ireland", group="front"),
    Colleague("Mateo García", "Support agent", "Europe/Madrid", "Valencia", "Spain", group="front"),
    Colleague("Priya Raman", "Support agent", "Asia/Kolkata", "Chennai", "India", group="front"),
    Colleague("Jonas Weber", "Support agent", "Europe/Berlin", "Bremen", "Germany", group="front"),
    Colleague("Edgar Kask", "Engineer", "Europe/Tallinn", "Tartu", "Estonia", group="workshop"),
    Colleague("Yuki Tanaka", "Engineer", "Asia/Tokyo", "Nagoya", "Japan", group="workshop"),
    Colleague("Amina Diallo", "Engineer", "Africa/Dakar", "Dakar", "Senegal", group="workshop"),
    Colleague("Kadri Saar", "Accountant", "Europe/Tallinn", "Tallinn", "Estonia", role="accountant"),
    Colleague("Nikos Papadakis", "Accountant", "Europe/Athens", "Chania", "Greece", role="accountant"),
    Colleague("Boris Petrov", "Head of support", "Europe/Sofia", "Plovdiv", "Bulgaria", role="manager", admin=True),
)


@dataclass(frozen=True)
class SignInLine:
    """A line of the start banner."""

    name: str
    role: str
    email: str
    password: str


def sign_ins() -> list[SignInLine]:
    """The demo's people as the start prints them: the head first, who is also the administrator."""
    lines = [SignInLine(c.name, c.job + (", administrator" if c.admin else ""), c.email, PASSWORD) for c in STAFF]
    return [lines[-1], *lines[:-1]]


def somebody_is_here() -> bool:
    """Whether the desk has people: then it is somebody's own, and the demo keeps out of it."""
    return session().scalar(select(Person.id).limit(1)) is not None


def hire() -> None:
    """Make the ten. Part of the transaction at hand."""
    hashed = passwords.hashed(PASSWORD)  # one for all: a hash costs a tenth of a second on purpose
    for each in STAFF:
        person = find.or_create(each.email, name=each.name, language="en")
        person.timezone, person.city, person.country = each.timezone, each.city, each.country
        person.is_admin, person.password_hash = each.admin, hashed
        person.addresses[0].verified_at = clock.now()
        person.role_rows = [PersonRole(role=each.role)] if each.role else []
        person.membership_rows = [Membership(group=each.group)] if each.group else []
    session().flush()


def of_role(role: str) -> list[str]:
    """The addresses of those who have a role or are in a group of this name."""
    return [each.email for each in STAFF if role in (each.role, each.group)]
