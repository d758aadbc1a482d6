"""Mail, text messages and calls on their way out, as rows: written in the transaction that causes them, sent by the
worker afterwards.

Whether something may be written at all without anybody pressing a button is asked of `unasked` before it comes here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, select, union_all

from helpdesk import jobs
from helpdesk.db import answer, insert
from helpdesk.people.models import Person
from helpdesk.tickets import just_made, links, side_conversations, talks
from helpdesk.tickets.identity import DESK, Identity
from helpdesk.tickets.links import Thread
from helpdesk.tickets.models import Delivery, Message, Ticket
from helpdesk.tickets.rich import Upload

JOBS = {"mail": "deliver", "sms": "text", "webhook": "call"}  # who sends which kind
CHAIN = 20  # Message-IDs in References; RFC 5322 sets no limit, mail programs do


@dataclass(frozen=True)
class Recipient:
    """One reader of one mail. `role` is how the workflow file names them."""

    address: str
    person: Person | None
    role: str


def post(
    recipient: Recipient,
    *,
    subject: str,
    body: str,
    names: Mapping[str, Any],
    sender: Identity = DESK,
    ticket: Ticket | None = None,
    event_id: int | None = None,
    files: Sequence[Upload] = (),
    attach: bool = True,
    automatic: bool = False,
    answers: bool = False,
    secret: bool = False,
    aside: Thread | None = None,
    talk: str | None = None,
) -> int:
    """Queue a mail to one recipient; gives the id of its delivery. Part of the transaction at hand.

    `subject` and `body` are templates of the workflow file, `names` their frozen variables (plain data). `answers`: a
    mail that has just arrived caused it; `talk` is the sketch of that (`talks.sketch`). `secret`: what it says is
    forgotten once it is sent. `aside`: it belongs to a side conversation of the ticket, under whose codes it goes.
    Without `attach` only the pictures that stand in its text go along.
    """
    thread = aside or Thread(ticket.id if ticket else 0, recipient.person.id if recipient.person else 0)
    references = _references(ticket, recipient, aside) if ticket else []
    delivery_id: int = insert(
        Delivery,
        ticket_id=ticket.id if ticket else None,
        source=ticket.source if ticket else "",
        event_id=event_id,
        conversation_id=aside.conversation_id if aside else None,
        person_id=recipient.person.id if recipient.person else None,
        recipient=recipient.address,
        role=recipient.role,
        message_id=links.signer().message_id(thread, serial=secrets.token_hex(8)),
        automatic=automatic,
        **(_remembered(recipient.address, talk) if automatic else {}),
        frozen={
            "subject": subject,
            "body": body,
            "names": dict(names),
            **sender.frozen(),
            "references": references,
            "token": links.signer().reply_token(thread) if ticket else "",
            "files": [_file(each, attach=attach) for each in files if attach or each.inline],
            "answers": answers,
            "secret": secret,
        },
    )
    send("mail", delivery_id)
    return delivery_id


def _file(file: Upload, *, attach: bool) -> dict[str, Any]:
    """A file of the mail; a picture of its text has a name there, and where nothing is attached no other place."""
    kept: dict[str, Any] = {"sha256": file.sha256, "filename": file.filename, "content_type": file.content_type}
    if not file.inline:
        return kept
    return kept | {"content_id": file.content_id} | ({} if attach else {"only_inside": True})


def text(
    recipient: Recipient,
    *,
    body: str,
    names: Mapping[str, Any],
    ticket: Ticket,
    event_id: int,
    automatic: bool = False,
) -> None:
    """Queue a text message to one number. `body` is a template, `names` its frozen variables."""
    delivery_id = insert(
        Delivery,
        kind="sms",
        ticket_id=ticket.id,
        source=ticket.source,
        event_id=event_id,
        person_id=recipient.person.id if recipient.person else None,
        recipient=recipient.address,
        role=recipient.role,
        message_id=f"sms_{secrets.token_hex(16)}",
        automatic=automatic,
        **(_remembered(recipient.address) if automatic else {}),
        frozen={"body": body, "names": dict(names)},
    )
    send("sms", delivery_id)


def call(webhook: str, *, payload: Mapping[str, Any], ticket: Ticket, event_id: int) -> None:
    """Queue a call of a webhook of the file. Where it leads and what signs it is looked up at the call itself."""
    delivery_id = insert(
        Delivery,
        kind="webhook",
        ticket_id=ticket.id,
        source=ticket.source,
        event_id=event_id,
        recipient=webhook,
        message_id=f"msg_{secrets.token_hex(16)}",
        subject=str(payload["type"])[:300],
        frozen={"payload": dict(payload)},
    )
    send("webhook", delivery_id)


def send(kind: str, delivery_id: int) -> None:
    """Leave a row of this kind to the worker."""
    jobs.enqueue(JOBS[kind], {"delivery": delivery_id}, dedupe=f"deliver:{delivery_id}")


def _remembered(address: str, talk: str | None = None) -> dict[str, str | None]:
    """What the next automatic mail to the same mailbox is judged by."""
    mailbox = talks.mailbox(address)
    return {"mailbox": mailbox, "house": talks.house(mailbox), "talk": talk}


def _references(ticket: Ticket, recipient: Recipient, aside: Thread | None) -> list[str]:
    """The chain the recipient's mail program knows: what they wrote about this ticket and what we wrote to them. That
    of a side conversation is its own.
    """
    if aside is not None:
        return side_conversations.chain(aside.conversation_id, recipient.address)
    person_id = recipient.person.id if recipient.person else None
    if (first := just_made.chain(ticket, reader_id=person_id)) is not None:
        return first
    chain = answer(CHAINED, ticket=ticket.id, person=person_id, recipient=recipient.address, most=CHAIN)
    return [str(rfc_id) for rfc_id in reversed(chain.scalars().all())]


_theirs = select(Message.created_at.label("at"), Message.rfc_id.label("id")).where(
    Message.ticket_id == bindparam("ticket"),
    Message.rfc_id.is_not(None),
    Message.conversation_id.is_(None),
    Message.author_id == bindparam("person", type_=Integer),
)
_ours = select(Delivery.created_at, Delivery.message_id).where(
    Delivery.ticket_id == bindparam("ticket"),
    Delivery.conversation_id.is_(None),
    Delivery.recipient == bindparam("recipient"),
)
_both = union_all(_theirs, _ours).subquery()
CHAINED = select(_both.c.id).order_by(_both.c.at.desc(), _both.c.id.desc()).limit(bindparam("most", type_=Integer))
