"""Messages as rows: writing one with its files and search words, and who may read which."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_

from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets import search
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Attachment, Event, Message, Ticket
from helpdesk.tickets.rich import Rich, Upload


def write_message(
    ticket: Ticket,
    event: Event,
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
) -> Message:
    """Add a message that belongs to `event`. Part of the transaction at hand; the files are in the store already."""
    row = Message(
        ticket_id=ticket.id,
        event_id=event.id,
        author_id=author.person_id,
        author_kind=author.kind,
        audience=audience,
        channel=channel,
        text=message.text,
        html=message.html,
        quoted=message.quoted,
        rfc_id=rfc_id,
        inbound_id=inbound_id,
        warnings=list(warnings),
        created_at=event.at,
        attachments=[
            Attachment(
                sha256=each.sha256,
                filename=each.filename,
                content_type=each.content_type,
                size=each.size,
                inline=each.inline,
                content_id=each.content_id,
            )
            for each in files
        ],
    )
    here = session()
    here.add(row)
    here.flush()
    search.index_message(ticket, row, opening=opening)
    return row


def for_requester(person: Person) -> ColumnElement[bool]:
    """The condition that this customer may read a message: it is public, or their own words."""
    return or_(Message.audience == "public", Message.author_id == person.id)
