"""The buttons of a ticket: what this person may do now, in the workflow's order and colours (W15)."""

from __future__ import annotations

from typing import Any

from helpdesk.desk.sentences import icon_of
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket
from helpdesk.web.addresses import address

USUAL_KEYS = {"reply": "r", "comment": "n", "assign": "a"}  # for the first of its type, where the file names no key


def buttons(person: Person, ticket: Ticket, *, current: str | None = None) -> list[dict[str, Any]]:
    """For desk/_actions.html. An action that asks nothing is done at once; the others open their form."""
    # What is published is chosen beside it, in its side conversation.
    offered = [spec for spec in policy.actions_for(ticket, staff(person)) if spec.type != "publish"]
    taken: set[str | None] = {spec.button.key for spec in offered}
    shown = []
    for spec in offered:
        key = spec.button.key or USUAL_KEYS.get(spec.type)
        if not spec.button.key and key in taken:
            key = None
        taken.add(key)
        shown.append(
            {
                "name": spec.name,
                "label": spec.label,
                "color": spec.button.color,
                "key": key,
                "icon": icon_of(spec.type),
                "url": address("desk.do", ref=ticket.ref, action=spec.name),
                "confirm": spec.button.confirm,
                "one_click": not policy.inputs_for(spec, staff(person)),
                "current": spec.name == current,
            }
        )
    return shown
