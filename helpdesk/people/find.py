"""Who is this? Finding and making people by their addresses. The only place that decides whom an address means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import bindparam, inspect, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from helpdesk.db import insert_new, session
from helpdesk.errors import Invalid
from helpdesk.people.models import Address, Person

MAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,253}")

OF_ADDRESS = select(Person).join(Address).where(Address.kind == bindparam("kind"), Address.value == bindparam("value"))
OF_EMAILS = (
    select(Address.value, Person)
    .join(Person, Person.id == Address.person_id)
    .where(Address.kind == "email", Address.value.in_(bindparam("values", expanding=True)))
)

ANEW = (
    select(Person)
    .where(Person.id == bindparam("person"))
    .options(joinedload(Person.addresses), joinedload(Person.role_rows), joinedload(Person.membership_rows))
)


def by_email(address: str) -> Person | None:
    """The person this mail address belongs to, if anybody."""
    return by_address("email", address)


def by_emails(addresses: Iterable[str]) -> dict[str, Person]:
    """Whose these mail addresses are, by the address as `normal` spells it; one question for all of them."""
    asked = {normal(each) for each in addresses if "\0" not in each}
    return dict(session().execute(OF_EMAILS, {"values": sorted(asked)}).all()) if asked else {}


def by_address(kind: str, value: str) -> Person | None:
    if "\0" in value:  # nobody's; PostgreSQL cannot even be asked
        return None
    return session().scalar(OF_ADDRESS, {"kind": kind, "value": normal(value, kind=kind)})


def refresh(person: Person) -> None:
    """Read the person anew with all that rights ask, in one question, where what was known is of an earlier
    transaction.
    """
    known = inspect(person)
    if known.expired and known.identity:
        session().scalars(ANEW, {"person": known.identity[0]}).unique().one()


def or_create(address: str, *, name: str = "", language: str = "") -> Person:
    """The person of this mail address, made if unknown. A claimed name never renames somebody known (attack 15).

    Needs a writing transaction. Raises Invalid for what is not a mail address.
    """
    return made_or_named(by_email(valid_email(address)), address, name=name, language=language)


def made_or_named(known: Person | None, address: str, *, name: str = "", language: str = "") -> Person:
    """The same, where it is known already whose address it is."""
    valid_email(address)
    person = known
    if person is None:
        person = Person(name=name.strip()[:100], language=language)
        insert_new(person, company=None, role_rows=[], membership_rows=[])
        mail = Address(person_id=person.id, kind="email", value=normal(address), is_primary=True)
        insert_new(mail, person=person)
        set_committed_value(person, "addresses", [mail])
    elif not person.name and name.strip():
        person.name = name.strip()[:100]
    return person


def normal(value: str, *, kind: str = "email") -> str:
    """One spelling for each address: mail in small letters, phone as + and digits."""
    if kind == "phone":
        kept = re.sub(r"[^\d+]", "", value)
        digits = "".join(str(unicodedata.decimal(each)) for each in kept if each != "+")
        return f"+{digits}" if kept.startswith("+") else digits
    return _in_small_letters(value.strip())


def valid_email(value: str) -> str:
    """The address as it was given, if mail can be sent there. Raises Invalid."""
    address = value.strip()
    if len(normal(address)) > 254 or not MAIL.fullmatch(address):
        raise Invalid({"email": "This is not an e-mail address."})
    return address


def _in_small_letters(address: str) -> str:
    """Letter by letter, and none becomes another one: `straße.example` is not `strasse.example`, which is somebody
    else's, and what only looks like a K stays what it is.
    """
    if address.isascii():
        return address.lower()
    both = ((each, each.lower()) for each in address)
    return "".join(small if small.isascii() == each.isascii() else each for each, small in both)
