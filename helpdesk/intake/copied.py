"""Who else a mail was sent to. Only the requester, vouched for by our own mail server, or staff that proved who they
are let somebody read along; whoever else is named in To or Cc is noted for staff to decide (attack 23).
"""

from __future__ import annotations

from helpdesk.actions.holding import lock
from helpdesk.intake.answering import part_of
from helpdesk.intake.inbound import Inbound, Received
from helpdesk.people.models import Person
from helpdesk.tickets import events, participants


def heard(inbound: Inbound, sender: Person, received: Received) -> None:
    """Take note of whom the mail names beside us. A robot's mail, a mailing list's above all, lets nobody in."""
    if inbound.automatic:
        return
    ticket = lock(received.ticket_id)
    actor = part_of(sender, ticket, inbound)
    trusted = actor.kind == "staff" or (actor.kind == "customer" and inbound.verified)
    others = [each for each in inbound.copied if each[0] != inbound.address]
    part: participants.Part = "in" if trusted else "noted"
    changed = participants.put(ticket, others[: participants.MOST], part, by_staff=actor.kind == "staff")
    if changed and trusted:
        told = {"label": "In copy", "copy": {"added": changed, "removed": []}}
        events.append(ticket, kind="copied", actor=actor, data=told)
