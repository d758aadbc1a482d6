"""Who reads a ticket along, and who was seen in copy: for the side of its page, with one click for each."""

from __future__ import annotations

from typing import Any

from helpdesk.people.models import Person
from helpdesk.tickets import participants, policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket
from helpdesk.web.addresses import address


def in_copy(person: Person, ticket: Ticket) -> dict[str, Any] | None:
    """None for a ticket that nobody was ever in copy of, which costs no question. `url`: where to change it, if this
    person may.
    """
    rows = participants.of(ticket)
    if not rows:
        return None
    shares = next((spec for spec in policy.actions_for(ticket, staff(person)) if spec.type == "share"), None)
    return {
        "present": [_shown(each) for each in rows if each.part == "in"],
        "noted": [_shown(each) for each in rows if each.part == "noted"],
        "url": address("desk.do", ref=ticket.ref, action=shares.name) if shares else None,
    }


def _shown(each: participants.Participant) -> dict[str, str]:
    return {"address": each.address, "name": each.name or each.address}
