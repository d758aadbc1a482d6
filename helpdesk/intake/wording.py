"""The row of a message that arrived, whichever way it goes."""

from __future__ import annotations

from helpdesk.intake.inbound import Inbound
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.events import Happened
from helpdesk.tickets.messages import write_message
from helpdesk.tickets.models import Ticket


def write(
    ticket: Ticket,
    event: Happened,
    inbound: Inbound,
    author: Actor,
    *,
    audience: str,
    opening: bool = False,
    conversation_id: int | None = None,
) -> None:
    write_message(
        ticket,
        event,
        author=author,
        audience=audience,
        message=inbound.message,
        files=inbound.files,
        channel=inbound.channel,
        rfc_id=inbound.rfc_id,
        inbound_id=inbound.inbound_id,
        warnings=inbound.warnings,
        opening=opening,
        conversation_id=conversation_id,
    )
