"""What an action brings about besides its own effect: the assignment, the new state's timers, the note of a refusal."""

from __future__ import annotations

from functools import partial
from typing import Any

from helpdesk import alarms, clock
from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.errors import HelpdeskError, Invalid
from helpdesk.people import bans, find
from helpdesk.people.models import Person
from helpdesk.routing.choosing import choose
from helpdesk.routing.members import assignable
from helpdesk.tickets import due, events, policy
from helpdesk.tickets.actors import SYSTEM
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.workflows import calendars, revisions
from helpdesk.workflows.schema import Assign, Duration, State


def assign(run: Run) -> dict[str, Any]:
    """Give the ticket to whom the action says. Gives what the history should know."""
    return assigned(run.ticket, run.spec.assign, run)


def assigned(ticket: Ticket, how: Assign, run: Run | None = None) -> dict[str, Any]:
    """Carry out an `assign`. Gives what the history should know."""
    before = (ticket.assignee_id, ticket.group)
    reasons = give(ticket, how, run)
    if before == (ticket.assignee_id, ticket.group):
        return {"assigned": reasons} if reasons else {}
    to = {"person": ticket.assignee.shown_name if ticket.assignee else "", "group": ticket.group or ""}
    return {"assigned": to | {"why": [], **reasons}}


def give(ticket: Ticket, how: Assign, run: Run | None = None) -> dict[str, Any]:
    """Carry out an `assign`: of an action (`run`) or of a source; then take the ticket from whoever does not see it
    where it is now. Gives what the history keeps of the reasons: `why`, sentences, and the `decision` of routing.
    """
    reasons = _give(ticket, how, run)
    lost = ticket.assignee
    if lost is None or policy.sees(lost, ticket):
        return reasons
    _set(ticket, None, group=ticket.group)
    return {
        **reasons,
        "why": [*reasons.get("why", ()), f"{lost.shown_name} does not see tickets here and was cleared."],
    }


def set_timers(ticket: Ticket, state: State, *, is_new: bool = False) -> None:
    """Entering a state: its timers begin, those of the state before are gone. A ticket that `is_new` has none."""
    if not is_new:
        due.leave_state(ticket.id)
    desk = revisions.active().desk
    due.put(
        [
            due.entry(
                ticket.id,
                "timer",
                timer.do,
                calendars.ends(desk, ticket.workflow, ticket.entered_at, timer.after),
                length=str(timer.after),
                runs_left=timer.repeat,
            )
            for timer in state.timers
        ]
    )


def ban(run: Run) -> bool:
    """Turn the requester away, or let them back, as the action says. Raises NotPossible for staff."""
    person = run.ticket.requester
    (bans.ban if run.spec.ban else bans.lift)(person)
    return bool(run.spec.ban)


def note_refusal(ticket: Ticket, action: str, refused: HelpdeskError) -> None:
    """An action that should have run by itself could not: the ticket's history and the administrators learn of it."""
    spec = revisions.active().desk.workflows[ticket.workflow].actions.get(action)
    data = {"label": spec.label if spec else action, "why": refused.sentence}
    events.append(ticket, kind="refused", action=action, actor=SYSTEM, data=data, touches=False)
    alarms.sound(
        f"refused:{ticket.workflow}.{action}", f"“{action}” could not run by itself on {ticket.ref}: {refused.sentence}"
    )


def next_run(ticket: Ticket, timer: Timer) -> None:
    """A timer fired: it begins its next round, or goes, as it does where the file in force has no working time for it.
    What fell due while nothing ran does not come in a burst.
    """
    desk, now = revisions.active().desk, clock.now()
    if timer.runs_left <= 1 or not has_its_time(ticket, timer):
        session().delete(timer)
        return
    ends = partial(calendars.ends, desk, ticket.workflow, length=Duration.read(timer.length))
    timer.runs_left -= 1
    timer.due_at = at if (at := ends(start=timer.due_at)) > now else ends(start=now)


def has_its_time(ticket: Ticket, timer: Timer) -> bool:
    """Whether the file in force still has the working time a timer runs on, if it runs on any."""
    workflow = revisions.active().desk.workflows[ticket.workflow]
    return workflow.calendar is not None or not Duration.read(timer.length).business


def _give(ticket: Ticket, how: Assign, run: Run | None) -> dict[str, Any]:
    if how.how == "none":
        _set(ticket, None, group=None)
    elif how.how == "actor":
        _to_actor(ticket, run)
    elif how.how == "user":
        person = find.by_email(how.user or "")
        _set(ticket, person, group=ticket.group)
        return {} if person else {"why": [f"Nobody here has the address {how.user}."]}
    elif how.how == "group":
        choice = choose(how, ticket) if how.by else None
        _set(ticket, choice.person if choice else None, group=how.group)
        return {"why": [choice.decision.why], "decision": choice.decision.as_data()} if choice else {}
    elif how.how == "ask" and run is not None:
        _as_asked(ticket, run)
    return {}


def _to_actor(ticket: Ticket, run: Run | None) -> None:
    person = run.actor.person if run and run.actor.kind == "staff" else None
    if person is not None and revisions.active().rules.may(policy.standing_of(person), "be_assigned"):
        _set(ticket, person, group=ticket.group)


def _as_asked(ticket: Ticket, run: Run) -> None:
    """`ask`: a person's address, or `group:name`."""
    asked = str(run.values.get("assignee") or "")
    if asked.startswith("group:"):
        name = asked.removeprefix("group:")
        if name not in revisions.active().desk.groups:
            raise Invalid({"assignee": "There is no such group."})
        _set(ticket, None, group=name)
    elif asked:
        person = find.by_email(asked)
        if person is None or not assignable(person, workflow=ticket.workflow, state=ticket.state):
            raise Invalid({"assignee": "This person cannot be given the ticket there."})
        _set(ticket, person, group=ticket.group)


def _set(ticket: Ticket, person: Person | None, *, group: str | None) -> None:
    ticket.assignee, ticket.assignee_id, ticket.group = person, person.id if person else None, group
