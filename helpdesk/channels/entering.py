"""A ticket that somebody enters without a page: by `helpdesk ticket new`, or by a program at the API.

The source's own questions and validation hold, as on the page of its form; whoever is known is not asked what we know
of them. Both callers end here, so that neither can do what the other cannot (attack 58).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk import intake
from helpdesk.channels.forms import submission
from helpdesk.errors import Invalid, NotFound
from helpdesk.intake import Inbound, Received
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import BUILT_IN, Input, Source

MAIL = tuple(Input(name=name, field=BUILT_IN[name], builtin=True) for name in ("name", "subject", "message", "files"))


def source(name: str | None) -> Source:
    """The source of this name, the first of the file if none is said. Raises NotFound."""
    sources = revisions.active().desk.sources
    if name is None and sources:
        return next(iter(sources.values()))
    if name is None or name not in sources:
        raise NotFound(f"There is no source “{name}”. There are {', '.join(sources) or 'none'}.")
    return sources[name]


def opener(known: Person | None, address: str) -> Person:
    """Whoever opens a ticket for somebody else needs the right `create`. Raises NotFound: without it there is no such
    way.
    """
    if known is None or not policy.may(known, "create"):
        raise NotFound(f"{address} cannot open tickets for others.")
    return known


def inputs(door: Source, *, by: Person | None = None) -> tuple[Input, ...]:
    """What can be said: what the source asks, or of one that asks nothing what a mail brings."""
    return intake.form_inputs(door, by=by) or MAIL


def enter(
    door: Source,
    values: Mapping[str, Any],
    *,
    address: str,
    by: Person | None = None,
    nonce: str | None = None,
) -> Received:
    """Open the ticket of whoever has this address: always a new one, whatever its subject names. `by`: staff who opens
    it for them; else it is they themselves, and whoever calls vouches for it. Raises Invalid and Banned, as the door
    does.
    """
    asked = {each.name for each in intake.form_inputs(door)}
    said = dict(values)
    find.valid_email(address)
    if not asked and not any(said.values()):
        raise Invalid({"message": "Please write something, or add a file."}, code="required")
    if "email" in said and find.normal(str(said["email"])) != find.normal(address):
        raise Invalid({"email": f"This ticket belongs to {address}; no other address is asked here."})
    person = find.by_email(address) if by is None else None
    if person is not None:
        known = submission.about(person)
        said |= {name: value for name, value in known.items() if value and name in asked and name not in said}
    inbound = Inbound.entered(door, said, address=address, by=by, verified=by is None, nonce=nonce, fresh=True)
    return intake.receive(inbound)
