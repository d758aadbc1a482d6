"""The door through which everything is done to a ticket: guards, values, branch, class, state, history, mails, in one
commit.

Called by the desk, the cabinet, the command line, mail (through `intake`), timers and workflow tests. Talks to nobody
outside: it writes rows, and once they are committed it wakes whoever waits. `ticket.state` is assigned by the
workflow's machine alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from helpdesk import clock
from helpdesk.actions import (
    after,
    asking,
    consulting,
    copies,
    mailing,
    merging,
    outside,
    parting,
    paying,
    promises,
    sendings,
)
from helpdesk.actions.holding import hold, lock, lock_in_order, release
from helpdesk.actions.run import Cause, Following, Run
from helpdesk.db import session, writing
from helpdesk.errors import HelpdeskError, Invalid, Stale
from helpdesk.people import find
from helpdesk.routing import overflow
from helpdesk.tickets import events, fields, names, policy, search, tagging, unread
from helpdesk.tickets.actors import SYSTEM, Actor
from helpdesk.tickets.events import Happened
from helpdesk.tickets.messages import write_message
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.values import Values
from helpdesk.tickets.values import read as read_values
from helpdesk.workflows import machine, revisions, votes
from helpdesk.workflows.machine import Arrival
from helpdesk.workflows.schema import BUILT_IN, Action, Input, Workflow

__all__ = ["Outcome", "hold", "lock", "perform", "release", "run_automatic", "run_following"]

TAGS = "tags"
LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Outcome:
    """What came of it. `entered`: it arrived in a state. `in_sight`: whether the actor still sees the ticket;
    `repeated`: this form had been sent before.
    """

    ticket_id: int
    ref: str
    event_id: int
    state: str
    label: str
    entered: bool = False
    in_sight: bool = True
    repeated: bool = False


def perform(
    ticket: Ticket | int,
    action: str,
    actor: Actor,
    values: Mapping[str, Any],
    *,
    seen: int | None = None,
    nonce: str | None = None,
    cause: Cause | None = None,
    depth: int = 0,
) -> Outcome:
    """Run `action` on `ticket` as `actor` with the raw `values` by input name; all of it is committed, or nothing.

    `seen`: the ticket's version the page was drawn from. `nonce`: the form's once-only number, which makes a second
    sending of it harmless. `cause`: what set this off, if not the actor alone. Raises NotFound, NotPossible, Stale or
    Invalid; then nothing has changed.
    """
    cause = cause or Cause(staff=actor.kind == "staff")
    if cause.person_id is None and actor.person_id is not None:
        cause = replace(cause, person_id=actor.person_id)
    with writing():
        ticket_id = ticket if isinstance(ticket, int) else ticket.id
        lock_in_order({*merging.touched(ticket_id, values), *consulting.touched(ticket_id, values)})
        locked = lock(ticket_id)
        if actor.person is not None:
            find.refresh(actor.person)
        if nonce and (earlier := sendings.earlier(nonce, locked, actor)):
            return replace(_outcome(locked, earlier, actor), repeated=True)
        if merging.UNDO in values:
            outcome = _taken_back(locked, action, actor, seen)
            if nonce:
                sendings.note(nonce, ticket_id=locked.id, event_id=outcome.event_id)
            return outcome
        if refused := policy.refusal(locked, action, actor, by_message=cause.message, by_macro=cause.macro):
            raise refused
        if seen is not None and seen != locked.version:
            raise Stale(events.since(locked, seen) if actor.kind == "staff" else [])
        if actor.kind == "customer" and not cause.message:
            locked.requester_verified = True  # signed in by a link that was mailed to them
        outcome = _run(locked, action, actor, values, cause, depth)
        if nonce:
            sendings.note(nonce, ticket_id=locked.id, event_id=outcome.event_id)
        return outcome


def _asked(action: Action, actor: Actor, cause: Cause) -> Sequence[Input]:
    """Everything an action asks this actor. A message that runs it brings its words and files whether they are asked or
    not; none is lost.
    """
    asked = policy.inputs_for(action, actor)
    listed = {each.name for each in asked}
    brought = [name for name in ("message", "files") if cause.message and name not in listed]
    return (*asked, *(Input(name=name, field=BUILT_IN[name], builtin=True) for name in brought))


def _run(ticket: Ticket, name: str, actor: Actor, raw: Mapping[str, Any], cause: Cause, depth: int) -> Outcome:
    workflow = revisions.active().desk.workflows[ticket.workflow]
    spec = votes.action_of(workflow, name) or workflow.actions[name]
    inputs, held = _asked(spec, actor, cause), fields.held(ticket)
    shown_ifs = [each.show_if for each in inputs if each.show_if]
    said = names.of_ticket(ticket, actor=actor, fields=held, action=spec, conditions=shown_ifs)
    values = read_values(inputs, raw, held=held, names=said)
    _needs_message(spec, values)
    run = Run(ticket, spec, actor, values, raw=raw, cause=cause, depth=depth)
    _carry_out(run, inputs)
    values = run.values
    before = ticket.state
    known = partial(names.of_ticket, ticket, actor=actor, fields=values.fields, action=spec, message=values.message)
    branches = [branch.when for branch in spec.to if branch.when]
    arrival = _lead(run, workflow, known(conditions=branches))
    workflow, left = revisions.active().desk.workflows[ticket.workflow], workflow.name
    assigned = after.assign(run)
    if arrival.entered:
        ticket.entered_at = clock.now()  # its timers count from here
    event = _write_history(run, (left, before), cause, assigned)
    cause = replace(cause, told={}) if cause.told else cause
    rests = ticket.merged_into_id is not None  # nothing comes by itself of what is part of another ticket
    if arrival.entered and not rests:
        after.set_timers(ticket, workflow.states[ticket.state])
        asking.arrived(ticket, (left, before), event, cause, known)
    if workflow.sla or ticket.promised is not None:
        promises.follow(ticket, moved=left != workflow.name)
    if "assigned" in assigned and not rests:
        overflow.watch(ticket, assigned["assigned"], event_id=event.id, at=event.at)
    if spec.emails:  # they speak of where the ticket is now, and of who has it
        sent_ifs = [email.when for email in spec.emails if email.when]
        mailing.send(run, event, known(conditions=sent_ifs), cause)
    if ticket.shared and actor.kind == "staff" and run.audience == "public" and (values.message or values.files):
        copies.send(run, event)
    if spec.sms or spec.webhooks:
        texted_ifs = [sms.when for sms in spec.sms if sms.when]
        outside.send(run, event, known(conditions=texted_ifs), cause, before=before)
    if (depth == 0 or arrival.entered or assigned) and not rests:  # else whoever set this off has marked it already
        unread.mark(ticket, except_for=actor.person_id)
    for then in run.then:
        if following := then(event, cause):
            run_following(ticket, following, depth=depth + 1)
    if arrival.entered and not rests:
        _arrive(ticket, cause, depth)
    return _outcome(ticket, event, actor, entered=arrival.entered)


def _carry_out(run: Run, inputs: Sequence[Input]) -> None:
    """What the action's type does, and what the values change of the ticket itself."""
    ticket = run.ticket
    run.spec.options.run(run)
    values = run.values
    if run.spec.ban is not None:
        run.data["ban"] = after.ban(run)
    fields.keep(ticket, values.kept, by=run.actor.person_id)
    if "subject" in values.noted and values["subject"][:300] != ticket.subject:
        ticket.subject = values["subject"][:300]
        search.renamed(ticket)
    if TAGS in run.raw and any(each.name == TAGS and each.builtin for each in inputs):
        run.data[TAGS] = tagging.put(ticket, values.get(TAGS) or ())


def _outcome(ticket: Ticket, event: Happened, actor: Actor, *, entered: bool = False) -> Outcome:
    label = revisions.active().desk.workflows[ticket.workflow].states[ticket.state].label
    in_sight = actor.kind == "system" or policy.in_sight(ticket, actor)
    return Outcome(ticket.id, ticket.ref, event.id, ticket.state, label, entered, in_sight)


def _taken_back(ticket: Ticket, action: str, actor: Actor, seen: int | None) -> Outcome:
    """A run that takes an earlier one back (`undo_this` among its values). It is asked nothing and sends nothing."""
    if seen is not None and seen != ticket.version:
        raise Stale(events.since(ticket, seen))
    event, _spec = parting.undo(ticket, action, actor)
    return _outcome(ticket, event, actor)


def _lead(run: Run, workflow: Workflow, names: Mapping[str, Any]) -> Arrival:
    """Take the ticket along the action's `to`, into another workflow if its type leads there. A vote of the desk's own
    moves nothing itself, and the machine has not heard of it.
    """
    if votes.is_built_in(run.spec):
        return Arrival(run.ticket.state, entered=False)
    if run.spec.options.elsewhere is None:
        return machine.fire(workflow, run.ticket, run.spec.name, names)
    target = revisions.active().desk.workflows[run.spec.options.elsewhere]
    arrival = machine.come(workflow, target, run.ticket, run.spec.name, names)
    if arrival.entered:
        run.spec.options.arrived(run)
    return arrival


def _write_history(run: Run, left: tuple[str, str], cause: Cause, assigned: dict[str, Any]) -> Happened:
    """One event for the run, and the message, files and payments that belong to it. `left`: the workflow and the state
    it was in.
    """
    ticket, values, (workflow, before) = run.ticket, run.values, left
    if left != (ticket.workflow, ticket.state):
        run.data["entered"] = ticket.state
    event = events.append(
        ticket,
        kind="voted" if votes.is_built_in(run.spec) else "ran",
        action=run.spec.name,
        actor=run.actor,
        from_state=before,
        to_state=ticket.state,
        workflow=workflow,
        for_customer=run.for_customer,
        data={**run.data, **cause.told, **assigned, **events.values_of(run.spec, run.spec.fields, values)},
    )
    if values.message or values.files:
        aside = run.aside
        write_message(
            ticket if aside is None else lock(aside.ticket_id),
            event,
            author=run.actor,
            audience=run.audience,
            message=values.message,
            files=values.files,
            channel=cause.channel or run.spec.options.channel,
            rfc_id=cause.rfc_id,
            inbound_id=cause.inbound_id,
            warnings=cause.warnings,
            conversation_id=aside.id if aside else None,
        )
    if run.payments or run.asks is not None:
        paying.write(run, event.id)
    return event


def _arrive(ticket: Ticket, cause: Cause, depth: int) -> None:
    """Run what the new state does by itself; once one of these has moved the ticket, those after it do not run."""
    workflow = revisions.active().desk.workflows[ticket.workflow]
    state = workflow.states[ticket.state]
    for name in state.on_enter:
        if depth >= LONGEST_CHAIN:
            why = f"A chain of {LONGEST_CHAIN} automatic actions was stopped."
            events.append(ticket, kind="stopped", action=name, actor=SYSTEM, data={"why": why}, touches=False)
            return
        outcome = run_automatic(ticket, name, cause=cause, depth=depth + 1)
        if outcome and outcome.entered:
            return


def run_automatic(ticket: Ticket, action: str, *, cause: Cause | None = None, depth: int = 0) -> Outcome | None:
    """Run an action as the desk itself. A refused one is an event and an alarm, and what caused it stands."""
    try:
        with session().begin_nested():
            return perform(ticket.id, action, SYSTEM, {}, cause=cause, depth=depth)
    except HelpdeskError as refused:
        release(ticket)
        after.note_refusal(lock(ticket.id), action, refused)
        return None


def run_following(ticket: Ticket, following: Following, *, depth: int = 1) -> None:
    """Run what is to follow, as the desk itself."""
    if run_automatic(ticket, following.action, cause=following.cause, depth=depth) is None:
        following.refused()


def _needs_message(spec: Action, values: Values) -> None:
    if spec.options.needs_message and not values.message and not values.files:
        raise Invalid({"message": "Please write something, or add a file."}, code="required")
