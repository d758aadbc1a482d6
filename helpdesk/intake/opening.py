"""A new ticket: its row, what its form asked, its first message, and what it sets off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from helpdesk import clock
from helpdesk.actions import after, asking, promises
from helpdesk.actions.door import hold, run_automatic
from helpdesk.actions.run import Cause
from helpdesk.db import insert, insert_new
from helpdesk.errors import Invalid
from helpdesk.intake.inbound import Inbound, Received, form_inputs
from helpdesk.intake.wording import write
from helpdesk.people.models import Person
from helpdesk.routing import overflow
from helpdesk.text import plain
from helpdesk.tickets import events, fields, just_made, names, numbers, unread
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Submission, Ticket
from helpdesk.tickets.values import Values
from helpdesk.tickets.values import read as read_values
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.schema import Input, Source, Workflow


def open_ticket(inbound: Inbound, requester: Person) -> Received:
    active = revisions.active()
    source = active.desk.sources.get(inbound.source)
    if source is None:
        raise Invalid({"source": f"There is no source “{inbound.source}”."})
    workflow = active.desk.workflows[source.workflow]
    subject = plain.line(inbound.subject, limit=300) or plain.line(inbound.message.text, limit=80) or "(no subject)"
    ticket = new_row(
        workflow,
        subject=subject,
        requester=requester,
        source=source.name,
        channel=inbound.channel,
        language=requester.language or source.language or active.desk.company.languages[0],
        requester_verified=inbound.verified,
    )
    reasons = after.give(ticket, source.assign)
    insert_new(ticket)
    hold(ticket)
    just_made.made(ticket)
    actor = Actor("staff", inbound.by) if inbound.by else Actor("customer", requester)
    inbound, values = _form_values(inbound, source, ticket, actor)
    event = events.append(
        ticket,
        kind="opened",
        actor=actor,
        to_state=ticket.state,
        for_customer=True,
        data={"label": "Opened", "source": source.name, "automatic": inbound.automatic, "values": values}
        | ({"assigned": reasons} if reasons else {}),
        touches=False,
    )
    write(ticket, event, inbound, actor, audience="public", opening=True)
    just_made.opens(ticket, author_id=actor.person_id, rfc_id=inbound.rfc_id)
    after.set_timers(ticket, workflow.states[ticket.state], is_new=True)
    promises.begin(ticket)
    cause = _cause(inbound, requester)
    asking.arrived(ticket, None, event, cause)
    overflow.watch(ticket, reasons, event_id=event.id, at=event.at)
    unread.mark(ticket, except_for=inbound.by.id if inbound.by else None, is_new=True)
    if inbound.nonce:
        insert(Submission, nonce=inbound.nonce, ticket_id=ticket.id, event_id=event.id)
    begin(ticket, cause)
    return Received(ticket.id, ticket.ref, "opened", event.id)


def _cause(inbound: Inbound, requester: Person) -> Cause:
    return Cause(
        opening=True,
        staff=inbound.by is not None,
        inbound_id=inbound.inbound_id,
        said=inbound.mailed,
        automatic=inbound.automatic or inbound.late,
        person_id=(inbound.by or requester).id,
    )


def new_row(workflow: Workflow, *, requester: Person, **more: Any) -> Ticket:
    """A ticket that begins now in `workflow`, not in the session yet."""
    number, now = numbers.take(), clock.now()
    return Ticket(
        id=number,
        ref=workflow.ref.replace("{number}", str(number)),
        workflow=workflow.name,
        state=workflow.initial,
        requester=requester,
        requester_id=requester.id,
        version=1,
        created_at=now,
        updated_at=now,
        activity_at=now,
        heard_at=now,
        entered_at=now,
        assignee=None,
        group=None,
        tags=[],
        **more,
    )


def begin(ticket: Ticket, cause: Cause) -> None:
    """What a new ticket sets off: `on_create`, and `on_enter` of the state it opened in if it is still there."""
    workflow = revisions.active().desk.workflows[ticket.workflow]
    opened_in = workflow.states[ticket.state]
    for each in workflow.on_create:
        if each.when is None or conditions.holds(each.when, _said(ticket, each.when)):
            outcome = run_automatic(ticket, each.do, cause=cause, depth=1)
            if outcome and outcome.entered:
                return
    for name in opened_in.on_enter:
        outcome = run_automatic(ticket, name, cause=cause, depth=1)
        if outcome and outcome.entered:
            return


def check(inbound: Inbound) -> None:
    """Raises Invalid where what a form asked could not be taken now, as the opening would. Nothing is written."""
    source = revisions.active().desk.sources[inbound.source]
    workflow, now = revisions.active().desk.workflows[source.workflow], clock.now()
    imagined = Ticket(
        id=0,
        workflow=workflow.name,
        state=workflow.initial,
        requester=Person(name=""),
        created_at=now,
        updated_at=now,
        assignee=None,
        tags=[],
    )
    if asked := form_inputs(source):
        _read(inbound, asked, imagined)


def _said(ticket: Ticket, condition: str) -> dict[str, Any]:
    """The names a condition of `on_create` may use."""
    asker = Actor("customer", ticket.requester)
    return names.of_ticket(ticket, actor=asker, fields=fields.held(ticket), conditions=[condition])


def _form_values(
    inbound: Inbound, source: Source, ticket: Ticket, actor: Actor
) -> tuple[Inbound, list[dict[str, str]]]:
    """Validate and keep what a form asked; gives it with the files of every field, and the lines for the history.

    A mail has none.
    """
    asked = form_inputs(source, by=inbound.by)
    if not asked:
        return inbound, []
    carried = fields.known_fields(ticket.workflow)
    values = _read(inbound, asked, ticket)
    kept = {name: value for name, value in values.kept.items() if name in carried}
    fields.keep(ticket, kept, by=actor.person_id)
    both = {**values.kept, **values.noted}
    lines = [
        {"name": each.name, "label": each.field.said, "shown": fields.shown(each.field, both[each.name])}
        for each in asked
        if not each.builtin and both.get(each.name) is not None
    ]
    return replace(inbound, files=values.files), lines


def _read(inbound: Inbound, asked: Sequence[Input], ticket: Ticket) -> Values:
    said = names.of_ticket(ticket, actor=Actor("customer", ticket.requester), fields={})
    entered = {name: value for name, value in inbound.values.items() if name not in ("message", "files")}
    raw = entered | {"message": inbound.message, "files": inbound.files}
    raw = {name: value for name, value in raw.items() if value or name in entered}
    return read_values(asked, raw, held={}, names=said)
