"""Third parties in the tests of a workflow file: they answer in the side conversation they were asked in. Called by
`play`.
"""

from __future__ import annotations

from sqlalchemy import select

from helpdesk import intake
from helpdesk.db import session
from helpdesk.intake import Inbound
from helpdesk.people import find
from helpdesk.tickets.links import Thread
from helpdesk.tickets.rich import Rich
from helpdesk.tickets.side_conversations import SideConversation, SideParticipant


def is_one(name: str | None) -> bool:
    """Whether a step names an address instead of somebody of the file."""
    return "@" in (name or "")


def write(ticket_id: int, address: str, text: str, *, source: str) -> bool:
    """Their answer by mail, with the code of the newest side conversation they are in; False where they are in none."""
    query = (
        select(SideParticipant)
        .join(SideConversation, SideConversation.id == SideParticipant.conversation_id)
        .where(SideConversation.ticket_id == ticket_id, SideParticipant.address == find.normal(address))
        .order_by(SideParticipant.id.desc())
        .limit(1)
    )
    found = session().scalar(query)
    if found is None:
        return False
    thread = Thread.aside(found.conversation_id, found.id)
    message = Rich.plain(text)
    intake.receive(Inbound(source=source, channel="email", address=address, message=message, thread=thread))
    return True
