"""The other door: anything that arrives (a mail, a form, later a chat line or a call) comes in here.

`receive` finds the person, finds or opens the ticket, and performs the action that the state's `on_message` names. A
message is never lost: where no action fits, it is filed on the ticket as a note and the desk is told. One commit, like
the other door.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from sqlalchemy.exc import IntegrityError

from helpdesk.actions.door import lock
from helpdesk.db import is_writing, session, writing
from helpdesk.intake import copied, side_answers, splitting, whose
from helpdesk.intake.answering import answer
from helpdesk.intake.inbound import Inbound, Received, form_inputs
from helpdesk.intake.opening import open_ticket
from helpdesk.intake.whose import ticket_of
from helpdesk.people import bans, find, reach
from helpdesk.people.models import Person
from helpdesk.text import plain
from helpdesk.workflows import revisions

__all__ = ["Inbound", "Received", "form_inputs", "receive", "splitting", "ticket_of"]


def receive(inbound: Inbound, *, also: Callable[[Received], None] | None = None) -> Received:
    """Take in `inbound`: afterwards it is on a ticket, committed. Raises Invalid when a form's values are wrong, and
    Banned for whoever is; then nothing is written.

    `also`: what belongs to the same commit, such as the note that this mail is done.
    """
    try:
        with session().begin_nested() if is_writing() else nullcontext():  # else all that surrounds it would be lost
            return _committed(inbound, also)
    except IntegrityError:  # two workers met the same unknown sender or the same form: the other one is done now
        return _committed(inbound, also)


def _committed(inbound: Inbound, also: Callable[[Received], None] | None) -> Received:
    with writing():
        received = _receive(inbound)
        if also:
            also(received)
        return received


def _receive(inbound: Inbound) -> Received:
    known, inbound = whose.earlier(inbound)
    if isinstance(known, Received):
        return known
    name, language = plain.person_name(inbound.name), _language(inbound)
    sender = find.made_or_named(known, inbound.address, name=name, language=language)
    if inbound.by is None:
        bans.refuse(sender)
    if inbound.mailed is not None and not inbound.automatic:
        reach.lives(sender, inbound.address)
    if not inbound.fresh and (aside := side_answers.meant(inbound, sender)) is not None:
        return side_answers.take(aside, inbound, sender)
    fresh = inbound.fresh or (inbound.thread is None and _asks(inbound.source))  # an answer comes with its thread
    ticket = None if fresh else whose.ticket_for(inbound, sender)
    if ticket is None:
        return _with_copies(inbound, sender, open_ticket(inbound, sender))
    carried = inbound.thread is not None and inbound.thread.person_id == sender.id
    if sender.id == ticket.requester_id and (inbound.verified or carried):
        ticket.requester_verified = True
    ticket = lock(ticket.id)
    if ticket.merged_into_id is not None:  # at this very moment
        ticket = lock(ticket.merged_into_id)
    return _with_copies(inbound, sender, answer(ticket, inbound, sender))


def _with_copies(inbound: Inbound, sender: Person, received: Received) -> Received:
    if inbound.copied:
        copied.heard(inbound, sender, received)
    return received


def _asks(name: str) -> bool:
    """A form always opens a ticket: its sender only claims an address, and a number in its subject is no key to one."""
    source = revisions.active().desk.sources.get(name)
    return source is not None and bool(form_inputs(source))


def _language(inbound: Inbound) -> str:
    source = revisions.active().desk.sources.get(inbound.source)
    return (source.language if source else None) or ""
