"""Mail on its way out, as rows: written in the transaction that causes it, sent by the worker afterwards.

Here is decided what may be written to whom without anybody pressing a button: at most a few automatic mails an hour and
day to an address that proved nothing, so that nobody uses the desk to pester a stranger (attacks 33 and 35).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from helpdesk import clock, jobs
from helpdesk.db import session
from helpdesk.people.models import Person
from helpdesk.tickets import links
from helpdesk.tickets.links import Thread
from helpdesk.tickets.models import Delivery, Message, Ticket
from helpdesk.tickets.rich import Upload

PER_HOUR, PER_DAY = 3, 10  # automatic mails to one address
ALL_PER_HOUR = 600  # automatic mails to unverified addresses, the whole desk
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
    sender: str = "",
    ticket: Ticket | None = None,
    event_id: int | None = None,
    files: Sequence[Upload] = (),
    automatic: bool = False,
) -> Delivery:
    """Queue a mail to one recipient. `subject` and `body` are templates of the workflow file, `names` their frozen
    variables (plain data), `sender` an address or empty for the desk's own. Part of the transaction at hand.
    """
    here = session()
    thread = Thread(ticket.id if ticket else 0, recipient.person.id if recipient.person else 0)
    references = _references(ticket, recipient) if ticket else []
    delivery = Delivery(
        ticket_id=ticket.id if ticket else None,
        event_id=event_id,
        person_id=recipient.person.id if recipient.person else None,
        recipient=recipient.address,
        role=recipient.role,
        message_id=links.signer().message_id(thread, serial=secrets.token_hex(8)),
        automatic=automatic,
        frozen={
            "subject": subject,
            "body": body,
            "names": dict(names),
            "sender": sender,
            "references": references,
            "token": links.signer().reply_token(thread) if ticket else "",
            "files": [{"sha256": f.sha256, "filename": f.filename, "content_type": f.content_type} for f in files],
        },
    )
    here.add(delivery)
    here.flush()
    jobs.enqueue("deliver", {"delivery": delivery.id}, dedupe=f"deliver:{delivery.id}")
    return delivery


def may_write_unasked(address: str, *, verified: bool) -> bool:
    """Whether one more automatic mail may go to this address now."""
    now = clock.now()
    newest = select(Delivery.created_at).where(Delivery.recipient == address, Delivery.automatic)
    today = (
        session()
        .scalars(
            newest.where(Delivery.created_at > now - timedelta(days=1))
            .order_by(Delivery.created_at.desc())
            .limit(PER_DAY)
        )
        .all()
    )
    if len(today) >= PER_DAY or sum(at > now - timedelta(hours=1) for at in today) >= PER_HOUR:
        return False
    return verified or _below_the_desks_cap()


def _below_the_desks_cap() -> bool:
    newest = select(Delivery.automatic, Delivery.created_at).order_by(Delivery.id.desc()).limit(ALL_PER_HOUR).subquery()
    recent = select(func.count()).where(newest.c.automatic, newest.c.created_at > clock.now() - timedelta(hours=1))
    return (session().scalar(recent) or 0) < ALL_PER_HOUR


def _references(ticket: Ticket, recipient: Recipient) -> list[str]:
    """The chain the recipient's mail program knows: what they wrote about this ticket and what we wrote to them."""
    here = session()
    theirs = select(Message.created_at, Message.rfc_id).where(
        Message.ticket_id == ticket.id,
        Message.rfc_id.is_not(None),
        Message.author_id == (recipient.person.id if recipient.person else None),
    )
    ours = select(Delivery.created_at, Delivery.message_id).where(
        Delivery.ticket_id == ticket.id, Delivery.recipient == recipient.address
    )
    chain = [tuple(row) for row in (*here.execute(theirs), *here.execute(ours))]
    return [str(rfc_id) for _, rfc_id in sorted(chain)][-CHAIN:]
