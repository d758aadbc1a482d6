"""Why a ticket stands as it does: what brought it into its state, who has it and how that was decided, what waits, and
which mails went and which did not.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from helpdesk.db import session
from helpdesk.rollout.why.answer import OTHERS, Part, Reason
from helpdesk.rollout.why.by_itself import last_decision
from helpdesk.rollout.why.lines import Lines
from helpdesk.rollout.why.unsent import unsent
from helpdesk.rollout.why.when import moment
from helpdesk.routing.decision import Decision, from_data
from helpdesk.routing.overflow import KIND
from helpdesk.tickets import in_order
from helpdesk.tickets.models import Delivery, Event, Ticket, Timer
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import State, Workflow

MAILS = 20  # newest that are told


def state(ticket: Ticket, lines: Lines) -> Part:
    """What brought the ticket where it is, and under which revision."""
    query = (
        select(Event)
        .where(Event.to_state == ticket.state)
        .where(or_(Event.from_state.is_(None), Event.from_state != Event.to_state, Event.kind == "moved"))
        .options(joinedload(Event.actor))
    )
    event = session().scalar(in_order.newest(query, Event, of=ticket.id).limit(1))
    return Part(name="state", title="Why it is here", reasons=tuple(_brought(event, ticket, lines)) if event else ())


def assignee(ticket: Ticket, lines: Lines) -> Part:
    """Who has it, by which event, and the decision that was kept then."""
    event = last_decision(ticket)
    who = ticket.assignee.shown_name if ticket.assignee else ""
    group = _group(ticket.group)
    has = f"{who} of {group}" if who and group else who or group or "Nobody"
    reasons = [Reason(code="has", says=f"{has} has it.")]
    if event is None:
        return Part(name="assignee", title="Why they have it", reasons=tuple(reasons))
    given = event.data["assigned"]
    decision = from_data(given["decision"]) if "decision" in given else None
    at = f"{moment(event.at)}, revision {event.revision_id}"
    reasons.append(Reason(code="given", says=f"{at}: {_given(event, decision)}.", line=_line(event, lines)))
    for why in given.get("why", ()):
        kept = decision is not None and why == decision.why
        line = lines.said(decision.file, decision.line, event.revision_id) if kept and decision else ""
        about = None if kept and decision and decision.person_id is not None else OTHERS
        reasons.append(Reason(code="why", says=why, line=line, about=about))
    if decision is not None:
        reasons += [
            Reason(code=each.word, says=f"{each.word}: {each.says}.", about=OTHERS) for each in decision.preferred
        ]
    if decision is not None and decision.person_id != ticket.assignee_id:
        decision = None  # it was given to somebody else since, by hand
    return Part(name="assignee", title="Why they have it", reasons=tuple(reasons), decision=decision)


def waiting(ticket: Ticket, lines: Lines) -> Part:
    """What is due by itself: when, from which line, and what does not fire."""
    rows = session().scalars(select(Timer).where(Timer.ticket_id == ticket.id).order_by(Timer.due_at, Timer.rank))
    workflow = revisions.active().desk.workflows[ticket.workflow]
    here = workflow.states[ticket.state]
    reasons = tuple(_due(row, workflow, here, lines) for row in rows)
    return Part(name="waiting", title="What is due", reasons=reasons)


def mails(ticket: Ticket, lines: Lines) -> Part:
    """The newest mails with what became of them, and what was not sent or did not run, with the reason."""
    sent = in_order.newest(select(Delivery), Delivery, of=ticket.id).limit(MAILS)
    told = [(row.created_at, _mail(row)) for row in session().scalars(sent)]
    noted = in_order.newest(select(Event).where(Event.kind.in_(("refused", "filed", "stopped"))), Event, of=ticket.id)
    told += [(row.at, _noted(row)) for row in session().scalars(noted.limit(MAILS))]
    newest = sorted(told, key=lambda each: each[0], reverse=True)[:MAILS]
    reasons = (*(reason for _, reason in newest), *unsent(ticket, lines))
    return Part(name="mails", title="What was sent, and what was not", reasons=reasons)


def _brought(event: Event, ticket: Ticket, lines: Lines) -> Iterator[Reason]:
    workflow = revisions.active().desk.workflows[ticket.workflow]
    label = workflow.states[ticket.state].label
    how = event.data.get("label") or event.action or "a new revision"
    if event.kind == "opened":
        says = f"It was opened in “{label}” by {_by(event)}"
    elif event.kind == "ran":
        says = f"{_by(event)} ran “{how}”, which led to “{label}”"
    else:
        says = f"“{how}” brought it to “{label}”"
    at = f"{moment(event.at)}, revision {event.revision_id}"
    yield Reason(code="arrived", says=f"{says}: {at}.", line=_line(event, lines))
    line = lines.of(*workflow.states[ticket.state].path)
    yield Reason(code="state", says=f"The file describes “{label}” here.", line=line)


def _line(event: Event, lines: Lines) -> str:
    """Where the file in force has the action of an event, if that ran under the same revision."""
    workflow = revisions.active().desk.workflows.get(event.workflow or "")
    action = workflow.actions.get(event.action or "") if workflow else None
    return lines.of(*action.path) if action and event.revision_id == lines.revision else ""


def _by(event: Event) -> str:
    return event.actor.shown_name if event.actor else "the desk itself"


def _given(event: Event, decision: Decision | None) -> str:
    """Who gave it to whom. A source gives by its own decision, and nobody of the staff does."""
    given = event.data["assigned"]
    by_source = event.kind == "opened" and decision is not None
    person = decision.person if decision and by_source else given.get("person", "")
    group = _group(decision.group if decision and by_source else given.get("group"))
    if not by_source and "person" not in given:
        return f"{_by(event)} left it where it was"
    who = f"{person} of {group}" if person and group else person or group or "nobody"
    return f"it came in and went to {who}" if by_source else f"{_by(event)} gave it to {who}"


def _group(name: str | None) -> str:
    found = revisions.active().desk.groups.get(name or "")
    return found.label if found else name or ""


def _due(row: Timer, workflow: Workflow, here: State, lines: Lines) -> Reason:
    at = moment(row.due_at)
    if row.kind == "timer":
        number = next((n for n, each in enumerate(here.timers) if each.do == row.action), None)
        action = workflow.actions.get(row.action)
        if number is None or action is None:
            says = f"“{row.action}” was to run at {at}; the file has this timer no longer, so it will not."
            return Reason(code="timer", holds=False, says=says)
        more = f", {row.runs_left} times in all" if row.runs_left > 1 else ""
        says = f"“{action.label}” runs at {at} if the ticket is still here{more}."
        return Reason(code="timer", says=says, line=lines.of(*here.path, "timers", str(number)))
    if row.kind == "approval":
        says, line = f"The time to consent is over at {at}.", lines.of(*here.path, "approve", "within")
    elif row.kind == KIND:
        says = f"The next tier is asked at {at} if nobody touches the ticket."
        line = lines.of("routing", _entry(row), "overflow_after")
    else:
        what = row.action.replace("_", " ")
        says, line = f"The service level looks at the {what} at {at}.", lines.of(*workflow.path, "sla")
    return Reason(code=row.kind, says=says, line=line)


def _entry(row: Timer) -> str:
    """The entry of `routing` whose decision this clock belongs to."""
    decided = session().get(Event, int(row.action))
    return str(decided.data["assigned"]["decision"]["by"]) if decided else ""


def _mail(row: Delivery) -> Reason:
    to = f"{row.role} <{row.recipient}>" if row.role and row.role != row.recipient else row.recipient
    subject = f"“{row.subject}” " if row.subject else "A mail "
    says = {
        "sent": f"{subject}to {to} left at {moment(row.sent_at or row.created_at)}.",
        "failed": f"{subject}to {to} could not be sent: {row.error.rstrip('.')}.",
        "held": f"{subject}to {to} is held back: {row.error.rstrip('.') or 'somebody must look at it'}.",
    }.get(row.status, f"{subject}to {to} waits to be sent{': ' + row.error.rstrip('.') if row.error else ''}.")
    holds = {"sent": True, "failed": False, "held": False}.get(row.status)
    return Reason(code=row.status, holds=holds, says=says)


def _noted(event: Event) -> Reason:
    what = {"filed": "A message was filed", "stopped": f"“{event.action}” was stopped"}.get(
        event.kind, f"“{event.data.get('label') or event.action}” did not run, or did not mail"
    )
    why = str(event.data.get("why", "")).rstrip(".")
    return Reason(code=event.kind, holds=False, says=f"{moment(event.at)}: {what}. {why}.")
