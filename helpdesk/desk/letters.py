"""What came with a message: its own look in a sandboxed frame, its files, and the mail as it arrived.

Each is reached through its ticket, and the ticket through the person who asks (attacks 43, 45 and 46).
"""

from __future__ import annotations

from flask import make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from helpdesk import files
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from helpdesk.desk.blueprint import bp
from helpdesk.errors import NotFound
from helpdesk.text import html as markup
from helpdesk.tickets import merged, policy
from helpdesk.tickets.models import Message, Ticket
from helpdesk.web import attachments, headers
from helpdesk.web.gates import current_person, for_staff


@bp.get("/tickets/<ref>/messages/<int:message_id>/html")
@for_staff
def letter(ref: str, message_id: int) -> ResponseReturnValue:
    """A message's HTML as a document for a frame: cleaned again, its own pictures in place, nothing from elsewhere."""
    ticket = policy.find(current_person(), ref)
    message = _message(ticket, message_id)
    inside = {
        each.content_id.strip("<>"): url_for("desk.attachment", ref=ticket.ref, attachment_id=each.id)
        for each in message.attachments
        if each.content_id
    }
    shown = Markup(markup.resolve(message.html, cids=inside))  # noqa: S704 - the sanitiser's last word
    return headers.as_letter(make_response(render_template("desk/letter.html", words=shown, text=message.text)))


@bp.get("/tickets/<ref>/attachments/<int:attachment_id>")
@for_staff
def attachment(ref: str, attachment_id: int) -> ResponseReturnValue:
    """A file of this ticket."""
    ticket = policy.find(current_person(), ref)
    return attachments.send(attachments.find(attachment_id, merged.belongs(ticket)))


@bp.get("/tickets/<ref>/messages/<int:message_id>/original.eml")
@for_staff
def original(ref: str, message_id: int) -> ResponseReturnValue:
    """The mail as it came, byte for byte, to be saved."""
    ticket = policy.find(current_person(), ref)
    message = _message(ticket, message_id)
    raw = session().get(InboundMail, message.inbound_id) if message.inbound_id else None
    if raw is None:
        raise NotFound(_("This message did not come by mail."))
    return attachments.answer(files.read(raw.sha256), filename=f"{ticket.ref}-{message.id}.eml")


def _message(ticket: Ticket, message_id: int) -> Message:
    """The message, if it belongs to this ticket or to one merged into it."""
    query = select(Message).where(Message.id == message_id, merged.belongs(ticket))
    found = session().scalar(query.options(selectinload(Message.attachments)))
    if found is None:
        raise NotFound(_("There is no such message."))
    return found
