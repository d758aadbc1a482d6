"""Messages as rows: writing one with its files and search words, and who may read which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.db import insert, insert_all
from helpdesk.tickets import search
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.rich import Rich, Upload


def write_message(
    ticket: Ticket,
    event: Happened,
    *,
    author: Actor,
    audience: str,
    message: Rich,
    files: Sequence[Upload] = (),
    channel: str = "",
    rfc_id: str | None = None,
    inbound_id: int | None = None,
    warnings: Sequence[str] = (),
    opening: bool = False,
    conversation_id: int | None = None,
) -> None:
    """Add a message that belongs to `event`. Part of the transaction at hand; the files are in the store already.

    `conversation_id`: the side conversation it is said in; whatever `audience` says, it is internal (attack 39).
    """
    audience = audience if conversation_id is None else "internal"
    if not opening and (audience == "public" or author.person_id == ticket.requester_id):
        ticket.heard_at = event.at  # for whom it is: `for_requester`
    message_id = insert(
        Message,
        ticket_id=ticket.id,
        event_id=event.id,
        author_id=author.person_id,
        author_kind=author.kind,
        audience=audience,
        conversation_id=conversation_id,
        channel=channel,
        text=message.text,
        html=message.html,
        quoted=message.quoted,
        rfc_id=rfc_id,
        inbound_id=inbound_id,
        warnings=list(warnings),
        created_at=event.at,
    )
    insert_all(Attachment, [{"message_id": message_id, **asdict(each)} for each in files])
    names = [each.filename for each in files]
    search.index_message(ticket, message_id, text=message.text, files=names, opening=opening)


def for_requester(person_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that this customer may read a message: it is public, or their own words."""
    return or_(Message.audience == "public", Message.author_id == person_id)
