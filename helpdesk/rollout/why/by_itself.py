"""What runs an action without a button: timers, arrivals, the opening, messages; and when it did so on this ticket."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.db import session
from helpdesk.rollout.why.answer import Part, Reason, words
from helpdesk.rollout.why.asking import Asking
from helpdesk.rollout.why.seen import saw
from helpdesk.rollout.why.when import moment
from helpdesk.tickets import in_order
from helpdesk.tickets.models import Event, Ticket, Timer
from helpdesk.workflows import conditions
from helpdesk.workflows.schema import State

TOLD = 5  # newest runs


def by_itself(asking: Asking) -> Part:
    """Everything in the file that runs it by itself, and whether that is so now."""
    reasons = [*_timers(asking), *_arrivals(asking), *_opening(asking), *_levels(asking), *_messages(asking)]
    return Part(name="by_itself", title="What runs it by itself", reasons=tuple(reasons))


def before(asking: Asking) -> Part:
    """When it ran on this ticket, or was refused."""
    which = (Event.action == asking.spec.name, Event.kind.in_(("ran", "refused", "stopped")))
    query = select(Event).where(*which).options(joinedload(Event.actor))
    newest = session().scalars(in_order.newest(query, Event, of=asking.ticket.id).limit(TOLD))
    return Part(name="before", title="What happened before", reasons=tuple(map(_event, newest)))


def _timers(asking: Asking) -> Iterator[Reason]:
    waiting = {
        timer.action: timer
        for timer in session().scalars(select(Timer).where(Timer.ticket_id == asking.ticket.id, Timer.kind == "timer"))
    }
    for state in asking.workflow.states.values():
        for number, timer in enumerate(state.timers):
            if timer.do != asking.spec.name:
                continue
            line = asking.lines.of(*state.path, "timers", str(number))
            every = f"{timer.after} after the ticket came into “{state.label}”"
            if state.name != asking.ticket.state:
                says = f"It runs {every}; it is not there now."
                yield Reason(code="timer", holds=False, says=says, line=line)
            elif (row := waiting.get(timer.do)) is not None:
                says = f"It runs {every}: next on {moment(row.due_at)}."
                yield Reason(code="timer", holds=True, says=says, line=line)
            else:
                says = f"It runs {every}; it has had its turn, or the file got this timer later."
                yield Reason(code="timer", holds=False, says=says, line=line)


def _arrivals(asking: Asking) -> Iterator[Reason]:
    for state in asking.workflow.states.values():
        for number, name in enumerate(state.on_enter):
            if name == asking.spec.name:
                line = asking.lines.of(*state.path, "on_enter", str(number))
                yield Reason(code="on_enter", says=f"It runs when a ticket comes into “{state.label}”.", line=line)
        if state.approve:
            yield from _approval(asking, state)


def _approval(asking: Asking, state: State) -> Iterator[Reason]:
    spec = state.approve
    if spec is None:
        return
    ends = {"accept": "enough have consented", "reject": "somebody refused", "expired": "the time for it is over"}
    for word, when in ends.items():
        if getattr(spec, word) == asking.spec.name:
            line = asking.lines.of(*state.path, "approve", word)
            yield Reason(code=word, says=f"It runs when {when} in “{state.label}”.", line=line)


def _opening(asking: Asking) -> Iterator[Reason]:
    for number, each in enumerate(asking.workflow.on_create):
        if each.do != asking.spec.name:
            continue
        line = asking.lines.of(*asking.workflow.path, "on_create", str(number))
        if each.when is None:
            yield Reason(code="on_create", says="It runs when a ticket is opened.", line=line)
        else:
            names = asking.names([each.when])
            now = "would hold now" if conditions.holds(each.when, names) else "would not hold now"
            says = f"It runs when a ticket is opened and {each.when} holds, which {now}."
            yield Reason(code="on_create", says=says, line=line, saw=saw(each.when, names))


def _levels(asking: Asking) -> Iterator[Reason]:
    for number, level in enumerate(asking.workflow.sla):
        if level.then == asking.spec.name:
            line = asking.lines.of(*asking.workflow.path, "sla", str(number), "then")
            yield Reason(code="sla", says="It runs when this service level is missed.", line=line)


def _messages(asking: Asking) -> Iterator[Reason]:
    heard = asking.state.on_message
    senders = {
        "customer": "the customer",
        "assignee": "whoever has the ticket",
        "staff": "the staff",
        "other": "others",
    }
    by = [says for word, says in senders.items() if getattr(heard, word) == asking.spec.name]
    if by:
        says = f"It runs when a message of {words(by)} comes while the ticket is “{asking.state.label}”."
        yield Reason(code="on_message", says=says, line=asking.state_line("on_message"))


def _event(event: Event) -> Reason:
    who = event.actor.shown_name if event.actor else "the desk itself"
    at = f"{moment(event.at)}, revision {event.revision_id}"
    if event.kind == "ran":
        moved = f" and led to “{event.to_state}”" if event.to_state != event.from_state else ""
        return Reason(code="ran", holds=True, says=f"{at}: {who} ran it{moved}.")
    why = str(event.data.get("why", "")).rstrip(".")
    return Reason(code=event.kind, holds=False, says=f"{at}: it did not run. {why}.")


def last_decision(ticket: Ticket) -> Event | None:
    """The newest event that gave the ticket to somebody, or took it away."""
    query = select(Event).where(Event.kind.in_(("ran", "opened", "routed"))).options(joinedload(Event.actor))
    for event in session().scalars(in_order.newest(query, Event, of=ticket.id).limit(200)):
        if event.data.get("assigned"):
            return event
    return None
