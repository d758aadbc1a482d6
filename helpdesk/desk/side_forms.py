"""The forms of side conversations: what they ask, what they begin with, and what can be chosen in them.

A form that is opened for a conversation, or to publish a message of one, says so in its address.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Row, desc, select
from sqlalchemy.orm import joinedload

from helpdesk.actions.consult import Consult
from helpdesk.db import session
from helpdesk.text import plain
from helpdesk.tickets import in_order, merged, side_conversations
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.web.form_fields import Choices
from helpdesk.workflows.schema import Action, Input

CHOSEN = ("recipients", "attachments", "side_message")
OFFERED = 100  # newest files and messages to choose from
LAST = ("include", "include_files", "closing")  # what is taken along stands below what is written
SHOWN = 80  # characters of a message to choose


def asked(inputs: Sequence[Input]) -> tuple[Input, ...]:
    """What the form asks of these inputs: one that goes on in a conversation has its subject, and one that begins one
    does not end it.
    """
    if not any(each.field.type == "side_conversation" for each in inputs):
        return tuple(inputs)
    needless = "side_subject" if _number("conversation") else "closing"
    wanted = [each for each in inputs if each.name != needless]
    return tuple(sorted(wanted, key=lambda each: each.builtin and each.name in LAST))


def begins_with(ticket: Ticket, spec: Action) -> dict[str, Any]:
    """What the form of a consult or a publish holds at first."""
    if isinstance(spec.options, Consult):
        return _consult(ticket, spec.options)
    return _publish(ticket) if spec.type == "publish" else {}


def choices(ticket: Ticket, spec: Action, kind: str) -> Choices:
    """What can be chosen: people who were asked before, files, or messages of side conversations."""
    if kind == "recipients":
        return side_conversations.known_addresses() if spec.type == "consult" else ()
    if kind == "side_message":
        return [(str(each.id), f"{_who(each)}: {plain.line(each.text, limit=SHOWN)}") for each in _messages(ticket)]
    return [(str(each.id), each.filename) for each in _files(ticket, spec)]


def _consult(ticket: Ticket, options: Consult) -> dict[str, Any]:
    number = _number("conversation")
    found = side_conversations.of(ticket, number) if number else None
    if found is None:
        return {"side_subject": ticket.subject, "recipients": ", ".join(options.addresses)}
    there = ", ".join(each.address for each in side_conversations.present(found))
    return {"conversation": str(found.id), "recipients": there}


def _publish(ticket: Ticket) -> dict[str, Any]:
    number = _number("published")
    chosen = next((each for each in _messages(ticket) if each.id == number), None)
    if chosen is None:
        return {}
    files = select(Attachment.id).where(Attachment.message_id == chosen.id, Attachment.inline.is_(False))
    mine = [str(each) for each in session().scalars(files)]
    return {"published": str(chosen.id), "message": chosen.text, "include_files": mine}


def _messages(ticket: Ticket) -> Sequence[Message]:
    """What was said in its side conversations, newest first."""
    query = select(Message).where(_of(ticket), Message.conversation_id.is_not(None))
    newest = query.options(joinedload(Message.author)).order_by(desc(in_order.sorted_by(Message.id))).limit(OFFERED)
    return session().scalars(newest).all()


def _files(ticket: Ticket, spec: Action) -> Sequence[Row[int, str]]:
    """The files of its messages, newest first; to publish those of the message that was chosen."""
    query = select(Attachment.id, Attachment.filename).join(Message, Message.id == Attachment.message_id)
    query = query.where(_of(ticket), Attachment.inline.is_(False))
    if spec.type == "publish":
        query = query.where(Message.conversation_id.is_not(None))
        if number := _number("published"):
            query = query.where(Message.id == number)
    return session().execute(query.order_by(desc(in_order.sorted_by(Attachment.id))).limit(OFFERED)).all()


def _of(ticket: Ticket) -> ColumnElement[bool]:
    return Message.ticket_id.in_(merged.together(ticket))


def _who(message: Message) -> str:
    return message.author.shown_name if message.author is not None else ""


def _number(name: str) -> int:
    """The number the form was opened for, or sent with."""
    said = request.form.get(name, "") if request.method == "POST" else request.args.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0
