"""What an action of type `spam` teaches: whose mail is kept unread from now on."""

from __future__ import annotations

from typing import Literal

from helpdesk.actions.run import Run
from helpdesk.errors import NotPossible
from helpdesk.people import blocked
from helpdesk.tickets import talks


def learn(run: Run, kind: Literal["address", "domain", "none"]) -> None:
    """Put the requester's address, or its domain, on the block list; the history says which. Raises NotPossible for
    staff.
    """
    requester = run.ticket.requester
    if requester.is_staff:
        raise NotPossible(f"{requester.shown_name} works at this desk, so this is no spam.")
    if kind == "none" or not requester.email:
        return
    if requester.email.rpartition("@")[2] in talks.OPEN_TO_ALL:  # half the world writes from there
        kind = "address"
    _, value = blocked.add(kind, requester.email, why=run.ticket.ref, by_id=run.actor.person_id)
    run.data["blocked"] = value
