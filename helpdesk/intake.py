"""The other door: anything that arrives (a mail, a form, later a chat line or a call) comes in here.

`receive` finds the person, finds or opens the ticket, and performs the action that the state's `on_message` names. A
message is never lost: where no action fits, it is filed on the ticket as a note and the desk is told. One commit, like
the other door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.actions import after
from helpdesk.actions.door import Cause, hold, lock, perform, release, run_automatic
from helpdesk.db import session, writing
from helpdesk.errors import HelpdeskError, Invalid
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.text import plain
from helpdesk.tickets import events, fields, names, numbers, outbox, policy, unread
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.links import Thread
from helpdesk.tickets.messages import write_message
from helpdesk.tickets.models import Delivery, Follower, Message, Submission, Ticket
from helpdesk.tickets.rich import NOTHING, Rich, Upload
from helpdesk.tickets.values import read as read_values
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.schema import Input, Source, State

KEPT_SUBJECT = "[{{ ticket.ref }}] Your message was kept, but not carried out"
KEPT_BODY = (
    "Your message about {{ ticket.ref }} is kept, and people can read it. It did not do what it asked for: {{ why }}"
)
SAME_MAIL = timedelta(days=30)  # how long a Message-ID that comes again with the same words is the same mail


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """Something that arrived, whatever its channel. What it claims about itself is not believed; what is proven is said
    apart.

    `thread`: a genuine signed code of ours was in it. `references`: Message-IDs it claims to answer. `verified`: the
    sender proved the address (signed in, or aligned DMARC). `automatic`: a robot sent it. `late`: it lay somewhere for
    so long that an automatic answer would only puzzle its sender (fault 20).
    """

    source: str
    channel: str
    address: str
    name: str = ""
    subject: str = ""
    message: Rich = NOTHING
    files: tuple[Upload, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    thread: Thread | None = None
    references: Sequence[str] = ()
    verified: bool = False
    automatic: bool = False
    late: bool = False
    rfc_id: str | None = None
    inbound_id: int | None = None
    nonce: str | None = None
    by: Person | None = None  # staff who enters it for the customer
    warnings: tuple[str, ...] = ()

    @classmethod
    def entered(cls, source: Source, values: Mapping[str, Any], *, address: str, **more: Any) -> Inbound:
        """What somebody enters for `source` without a page or a mail program: a script, a workflow test.

        Raises Invalid for a value that the source does not ask.
        """
        asked = {each.name for each in form_inputs(source)}
        known = asked or {"name", "subject", "message", "files"}
        if strange := [name for name in values if name not in known]:
            raise Invalid({name: f"“{name}” is not asked here." for name in strange})
        said = {"email": address, **values} if "email" in asked else dict(values)
        message = said.get("message", "")
        return cls(
            source=source.name,
            channel=source.type,
            address=address,
            name=str(said.get("name", "")),
            subject=str(said.get("subject", "")),
            message=message if isinstance(message, Rich) else Rich.plain(str(message)),
            files=tuple(said.get("files", ())),
            values=said if asked else {},
            **more,
        )


@dataclass(frozen=True)
class Received:
    """What became of it: `how` is opened, ran, filed or repeated (it had arrived before)."""

    ticket_id: int
    ref: str
    how: str
    event_id: int = 0


def receive(inbound: Inbound, *, also: Callable[[Received], None] | None = None) -> Received:
    """Take in `inbound`: afterwards it is on a ticket, committed. Raises Invalid when a form's values are wrong; then
    nothing is written.

    `also`: what belongs to the same commit, such as the note that this mail is done.
    """
    try:
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
    if earlier := _earlier(inbound):
        return earlier
    sender = find.or_create(inbound.address, name=plain.person_name(inbound.name), language=_language(inbound))
    fresh = inbound.thread is None and _asks(inbound.source)  # an answer comes with its thread
    ticket = None if fresh else _ticket_of(inbound, sender)
    if ticket is None:
        return _open(inbound, sender)
    if inbound.verified or (inbound.thread and inbound.thread.person_id == ticket.requester_id == sender.id):
        ticket.requester_verified = True
    return _answer(lock(ticket.id), inbound, sender)


# --- an answer to a ticket that exists --------------------------------------------------------------------------------


def _answer(ticket: Ticket, inbound: Inbound, sender: Person) -> Received:
    workflow = revisions.active().desk.workflows[ticket.workflow]
    state = workflow.states[ticket.state]
    actor = _part_of(sender, ticket, inbound)
    action = _on_message(state, actor, ticket)
    if inbound.automatic or action is None:
        return _file(
            ticket, inbound, actor, "" if inbound.automatic else "No action of this state takes such a message."
        )
    cause = _cause(inbound)
    offered = {"message": inbound.message, "files": inbound.files}
    values = {name: value for name, value in offered.items() if value}
    try:
        with session().begin_nested():
            outcome = perform(ticket.id, action, actor, values, cause=cause)
    except HelpdeskError as refused:
        release(ticket)
        received = _file(lock(ticket.id), inbound, actor, refused.sentence)
        _tell_sender(ticket, sender, refused.sentence)
        return received
    return Received(ticket.id, ticket.ref, "ran", outcome.event_id)


def _part_of(sender: Person, ticket: Ticket, inbound: Inbound) -> Actor:
    """The part the sender plays on this ticket. Staff count as staff only when they proved who they are (attack 22)."""
    if sender.id == ticket.requester_id:
        return Actor("customer", sender)
    carried = inbound.thread is not None and inbound.thread.person_id == sender.id
    proven = sender.is_staff and sender.is_active and inbound.verified and carried
    return Actor("staff" if proven else "other", sender)


def _on_message(state: State, actor: Actor, ticket: Ticket) -> str | None:
    """The action for this sender: a missing `assignee` falls to `staff`, a missing `customer` or `staff` to `other`.

    None for staff who cannot see the state: their message is filed as a note.
    """
    named = state.on_message
    if actor.kind == "staff" and actor.person is not None and not policy.sees(actor.person, ticket):
        return None
    if actor.kind == "customer":
        return named.customer or named.other
    if actor.kind == "staff":
        assigned = named.assignee if ticket.assignee_id == actor.person_id else None
        return assigned or named.staff or named.other
    return named.other


def _file(ticket: Ticket, inbound: Inbound, actor: Actor, why: str) -> Received:
    """Keep a message that no action takes: on the ticket, with the reason, and unread for the desk."""
    event = events.append(
        ticket,
        kind="filed",
        actor=actor,
        for_customer=actor.kind == "customer",
        data={"label": "Message filed", "why": why, "automatic": inbound.automatic},
    )
    audience = "public" if actor.kind == "customer" and not inbound.automatic else "internal"
    _write(ticket, event, inbound, actor, audience=audience)
    unread.mark(ticket, except_for=actor.person_id)
    return Received(ticket.id, ticket.ref, "filed", event.id)


def _tell_sender(ticket: Ticket, sender: Person, why: str) -> None:
    """The sender learns that the message was kept but not carried out, and why. Within the caps for unasked mail."""
    if outbox.may_write_unasked(sender.email, verified=ticket.requester_verified):
        said = {"ticket": {"ref": ticket.ref}, "why": why}
        recipient = outbox.Recipient(sender.email, sender, "sender")
        outbox.post(recipient, subject=KEPT_SUBJECT, body=KEPT_BODY, names=said, ticket=ticket, automatic=True)


# --- a new ticket -----------------------------------------------------------------------------------------------------


def _open(inbound: Inbound, requester: Person) -> Received:
    active = revisions.active()
    source = active.desk.sources.get(inbound.source)
    if source is None:
        raise Invalid({"source": f"There is no source “{inbound.source}”."})
    workflow = active.desk.workflows[source.workflow]
    number = numbers.take()
    subject = plain.line(inbound.subject, limit=300) or plain.line(inbound.message.text, limit=80) or "(no subject)"
    ticket = Ticket(
        id=number,
        ref=workflow.ref.replace("{number}", str(number)),
        workflow=workflow.name,
        state=workflow.initial,
        subject=subject,
        requester=requester,
        requester_id=requester.id,
        source=source.name,
        channel=inbound.channel,
        language=requester.language or source.language or active.desk.company.languages[0],
        requester_verified=inbound.verified,
        version=1,
        created_at=clock.now(),
        updated_at=clock.now(),
        activity_at=clock.now(),
        entered_at=clock.now(),
        assignee=None,
        group=None,
        tags=[],
    )
    session().add(ticket)
    session().flush()
    hold(ticket)
    inbound, values = _form_values(inbound, source, ticket)
    reasons = after.give(ticket, source.assign)
    actor = Actor("staff", inbound.by) if inbound.by else Actor("customer", requester)
    event = events.append(
        ticket,
        kind="opened",
        actor=actor,
        to_state=ticket.state,
        for_customer=True,
        data={"label": "Opened", "source": source.name, "automatic": inbound.automatic, "values": values}
        | ({"assigned": {"why": list(reasons)}} if reasons else {}),
        touches=False,
    )
    _write(ticket, event, inbound, actor, audience="public", opening=True)
    after.set_timers(ticket, workflow.states[ticket.state])
    unread.mark(ticket, except_for=inbound.by.id if inbound.by else None)
    if inbound.nonce:
        session().add(Submission(nonce=inbound.nonce, ticket_id=ticket.id, event_id=event.id))
    _begin(ticket, inbound)
    return Received(ticket.id, ticket.ref, "opened", event.id)


def _begin(ticket: Ticket, inbound: Inbound) -> None:
    """What a new ticket sets off: `on_create`, and `on_enter` of the state it opened in if it is still there."""
    workflow = revisions.active().desk.workflows[ticket.workflow]
    opened_in = workflow.states[ticket.state]
    cause = Cause(staff=inbound.by is not None, automatic=inbound.automatic or inbound.late)
    for each in workflow.on_create:
        if each.when is None or conditions.holds(each.when, _said(ticket, each.when)):
            outcome = run_automatic(ticket, each.do, cause=cause, depth=1)
            if outcome and outcome.entered:
                return
    for name in opened_in.on_enter:
        outcome = run_automatic(ticket, name, cause=cause, depth=1)
        if outcome and outcome.entered:
            return


def _said(ticket: Ticket, condition: str) -> dict[str, Any]:
    """The names a condition of `on_create` may use."""
    asker = Actor("customer", ticket.requester)
    return names.of_ticket(ticket, actor=asker, fields=fields.held(ticket), conditions=[condition])


def _form_values(inbound: Inbound, source: Source, ticket: Ticket) -> tuple[Inbound, list[dict[str, str]]]:
    """Validate and keep what a form asked; gives it with the files of every field, and the lines for the history.

    A mail has none.
    """
    asked = form_inputs(source)
    if not asked:
        return inbound, []
    carried = fields.known_fields(ticket.workflow)
    said = names.of_ticket(ticket, actor=Actor("customer", ticket.requester), fields={})
    entered = {name: value for name, value in inbound.values.items() if name not in ("message", "files")}
    raw = entered | {"message": inbound.message, "files": inbound.files}
    raw = {name: value for name, value in raw.items() if value or name in entered}
    values = read_values(asked, raw, held={}, names=said)
    fields.keep(ticket, {name: value for name, value in values.kept.items() if name in carried})
    both = {**values.kept, **values.noted}
    lines = [
        {"name": each.name, "label": each.field.label, "shown": fields.shown(each.field, both[each.name])}
        for each in asked
        if not each.builtin and both.get(each.name) is not None
    ]
    return replace(inbound, files=values.files), lines


def _asks(name: str) -> bool:
    """A form always opens a ticket: its sender only claims an address, and a number in its subject is no key to one."""
    source = revisions.active().desk.sources.get(name)
    return source is not None and bool(form_inputs(source))


def form_inputs(source: Source) -> tuple[Input, ...]:
    """What a source asks before a ticket is opened: a form's fields; nothing for mail."""
    return tuple(getattr(source.options, "fields", ()))


# --- shared -----------------------------------------------------------------------------------------------------------


def _ticket_of(inbound: Inbound, sender: Person) -> Ticket | None:
    """Whose ticket: a signed code of ours, else a mail it answers in which the sender took part, else a number for a
    participant.

    A number or a reference from a stranger is no key (attack 24): theirs becomes a ticket of its own. Whoever holds a
    signed code that was sent to somebody else is heard, as `other`, and told nothing.
    """
    here = session()
    if inbound.thread is not None and (found := here.get(Ticket, inbound.thread.ticket_id)) is not None:
        return found
    for rfc_id in list(inbound.references)[-20:]:
        ticket_id = here.scalar(select(Message.ticket_id).where(Message.rfc_id == rfc_id).limit(1))
        ticket_id = ticket_id or here.scalar(select(Delivery.ticket_id).where(Delivery.message_id == rfc_id))
        found = here.get(Ticket, ticket_id) if ticket_id else None
        if found is not None and takes_part(sender, found):
            return found
    for word in plain.line(inbound.subject).replace("[", " ").replace("]", " ").replace(":", " ").split()[:30]:
        found = here.scalar(select(Ticket).where(Ticket.ref == word)) if any(c.isdigit() for c in word) else None
        if found is not None and takes_part(sender, found):
            return found
    return None


def ticket_of(inbound: Inbound) -> Ticket | None:
    """The ticket this would go to, only looking; None where it would open one."""
    sender = find.by_email(inbound.address)
    if sender is not None:
        return _ticket_of(inbound, sender)
    return session().get(Ticket, inbound.thread.ticket_id) if inbound.thread else None


def takes_part(person: Person, ticket: Ticket) -> bool:
    """Whether the person is part of the conversation: its requester, its assignee, a follower, or somebody who wrote in
    it.
    """
    if person.id in (ticket.requester_id, ticket.assignee_id):
        return True
    here = session()
    if here.get(Follower, (ticket.id, person.id)) is not None:
        return True
    wrote = select(Message.id).where(Message.ticket_id == ticket.id, Message.author_id == person.id).limit(1)
    return here.scalar(wrote) is not None


def _earlier(inbound: Inbound) -> Received | None:
    """The same thing arrived before: the same form, or the same mail by another way (faults 15 and 16)."""
    here = session()
    if inbound.nonce and (sent := here.get(Submission, inbound.nonce)):
        ticket = here.get_one(Ticket, sent.ticket_id)
        return Received(ticket.id, ticket.ref, "repeated", sent.event_id or 0)
    if inbound.rfc_id:
        since = clock.now() - SAME_MAIL
        same = select(Message).where(Message.rfc_id == inbound.rfc_id, Message.created_at > since)
        for message in here.scalars(same.limit(5)):
            author = here.get(Person, message.author_id) if message.author_id else None
            by_sender = author is not None and find.normal(inbound.address) in [a.value for a in author.addresses]
            if by_sender and message.text == inbound.message.text:
                ticket = here.get_one(Ticket, message.ticket_id)
                return Received(ticket.id, ticket.ref, "repeated", message.event_id or 0)
    return None


def _write(
    ticket: Ticket, event: Any, inbound: Inbound, author: Actor, *, audience: str, opening: bool = False
) -> Message:
    return write_message(
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
    )


def _cause(inbound: Inbound) -> Cause:
    return Cause(
        message=True,
        channel=inbound.channel,
        rfc_id=inbound.rfc_id,
        inbound_id=inbound.inbound_id,
        warnings=inbound.warnings,
        automatic=inbound.automatic or inbound.late,
    )


def _language(inbound: Inbound) -> str:
    source = revisions.active().desk.sources.get(inbound.source)
    return (source.language if source else None) or ""
