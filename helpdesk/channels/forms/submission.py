"""A filled-in form becomes something that arrives: used by the public page and by the desk's own new ticket.

Knows no HTTP. A form asks what its source lists; an address is always among it, for a ticket belongs to somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from helpdesk.errors import Invalid, NotFound
from helpdesk.intake import Inbound, form_inputs
from helpdesk.people.models import Person
from helpdesk.tickets.rich import Rich
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import BUILT_IN, Input, Source

CHANNEL = "form"


def sources() -> list[Source]:
    """The forms of this desk, in the file's order."""
    return [source for source in revisions.active().desk.sources.values() if source.type == CHANNEL]


def by_slug(slug: str) -> Source:
    """The form of this address. Raises NotFound."""
    for source in sources():
        if source.options.slug == slug:
            return source
    raise NotFound("There is no such form.")


def inputs(source: Source, *, person: Person | None, by: Person | None = None) -> list[Input]:
    """What is asked: of somebody who is signed in not what we know of them, of anybody else an address in any case.
    `by`: staff who enters it for somebody.
    """
    asked = list(form_inputs(source, by=by))
    if person is not None:
        known = about(person)
        return [each for each in asked if not known.get(each.name)]
    if not any(each.name == "email" for each in asked):
        asked.insert(0, Input(name="email", field=BUILT_IN["email"], builtin=True))
    return [replace(each, required=True) if each.name == "email" else each for each in asked]


def about(person: Person) -> dict[str, str]:
    """What a form need not ask somebody who is signed in."""
    return {"name": person.name, "email": person.email, "phone": person.phone}


def read(
    source: Source,
    values: Mapping[str, Any],
    *,
    person: Person | None = None,
    by: Person | None = None,
    nonce: str | None,
) -> Inbound:
    """The submission as it goes through the door. `person`: who is signed in; `by`: staff who enters it for somebody.

    Raises Invalid when nobody is named that it could belong to. The door judges everything else.
    """
    address = person.email if person else str(values.get("email") or "").strip()
    if not address:
        raise Invalid({"email": "Please say how we can reach you."}, code="required")
    listed = {each.name for each in form_inputs(source)}
    known = {name: value for name, value in about(person).items() if value} if person else {}
    message = values.get("message")
    return Inbound(
        source=source.name,
        channel=CHANNEL,
        address=address,
        name=str(values.get("name") or (person.name if person else "")),
        subject=str(values.get("subject") or ""),
        message=message if isinstance(message, Rich) else Rich.plain(str(message or "")),
        files=tuple(values.get("files") or ()),
        values={name: value for name, value in {**values, **known}.items() if name in listed and value is not None},
        verified=person is not None,
        nonce=nonce,
        by=by,
    )
