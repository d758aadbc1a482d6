"""What the customer was promised: the clocks of the workflow's service level (`sla`) on a ticket.

The first level that matches at the opening counts, and it is asked again after every run, since a run may change what
its conditions ask, or the file what it promises. Both clocks stand in a state that pauses them and in a final one.
Called by both doors, by `timers.service_level` and by `rollout` after a change of the file; it mails nobody. What is
kept on the ticket: `promised` (the lengths by clock in `of`, the mark of the file's promises in `by`, the per cent that
were told in `said`, where the clocks began and stood in `since` and `pauses`, in seconds from the opening), its
deadlines, and when they stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpdesk import clock
from helpdesk.actions import deadlines
from helpdesk.tickets import due, fields, names
from helpdesk.tickets.actors import SYSTEM
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import conditions, levels, revisions
from helpdesk.workflows.schema import Duration, ServiceLevel, Workflow

CLOCKS = ("first_response", "resolution")
BREACH = 100  # per cent of the time


def begin(ticket: Ticket) -> None:
    """The ticket is opened, or comes from a workflow that promised nothing: its clocks start now."""
    if not _workflow(ticket).sla:
        return
    since = deadlines.offset(ticket, clock.now())
    ticket.promised = {"of": {}, "by": mark(ticket), "said": {}, "since": since, "pauses": []}
    ticket.sla_paused_at = clock.now() if _stands(ticket) else None
    level = level_of(ticket)
    _promise(ticket, level)
    _set_clocks(ticket, level, is_new=True)


def follow(ticket: Ticket, *, moved: bool) -> None:
    """An action has run: it may have paused the clocks or changed what is promised. `moved`: to another workflow, and
    its calendar.
    """
    if ticket.promised is not None:
        review(ticket, moved=moved)
    elif moved:
        begin(ticket)


def review(ticket: Ticket, *, moved: bool = False, at: datetime | None = None) -> bool:
    """Whether something else is promised by now, or the clocks stop or go on where the ticket is; then they are set.
    `at`: since when they do, if not since now.
    """
    if moved:
        ticket.promised = {**deadlines.promised(ticket), "of": {}, "by": mark(ticket), "said": {}}
    level = level_of(ticket)
    anew, turned = _promise(ticket, level), _turn(ticket, at or clock.now())
    if anew or turned:
        _set_clocks(ticket, level)
    return anew or turned


def answered(ticket: Ticket) -> None:
    """The customer is written to, as a member of the staff caused: the first response, if it is the first."""
    if ticket.first_response_at is None:
        ticket.first_response_at = clock.now()
        if ticket.due_first_response is not None:
            _set_clocks(ticket, level_of(ticket))


def over(ticket: Ticket, level: ServiceLevel | None, name: str) -> int | None:
    """How many per cent of this clock's time are over and to be told of now; None if the clock is set to a later moment
    by now.
    """
    mark = _next_mark(ticket, name, level) if name in running(ticket) else None
    if mark is not None and mark[1] <= clock.now():
        return mark[0]
    _set_clocks(ticket, level)
    return None


def told(ticket: Ticket, level: ServiceLevel | None, *, name: str, percent: int) -> None:
    """So many per cent of this clock's time are over, and it was said: on to the next."""
    promised = deadlines.promised(ticket)
    ticket.promised = {**promised, "said": {**promised["said"], name: percent}}
    _set_clocks(ticket, level)


def level_of(ticket: Ticket) -> ServiceLevel | None:
    """The first service level that matches the ticket as it is now."""
    asked = _workflow(ticket).sla
    whens = [level.when for level in asked if level.when]
    known = names.of_ticket(ticket, actor=SYSTEM, fields=fields.held(ticket), conditions=whens) if whens else {}
    return next((level for level in asked if level.when is None or conditions.holds(level.when, known)), None)


def mark(ticket: Ticket) -> str:
    """What the file promises where the ticket is (`levels.mark`)."""
    return levels.mark(revisions.active().desk, ticket.workflow)


def running(ticket: Ticket) -> dict[str, datetime]:
    """The clocks that run, and when each is due."""
    if ticket.sla_paused_at is not None:
        return {}
    answer = None if ticket.first_response_at else ticket.due_first_response
    both = {"first_response": answer, "resolution": ticket.due_resolution}
    return {name: at for name, at in both.items() if at is not None}


def _promise(ticket: Ticket, level: ServiceLevel | None) -> bool:
    """Give the ticket the level's deadlines; False if it has them. An answer that was given stays judged by what was
    promised then.
    """
    kept, by = deadlines.promised(ticket), mark(ticket)
    lengths: dict[str, Duration] = {name: length for name in CLOCKS if level and (length := getattr(level, name))}
    of = {name: str(length) for name, length in lengths.items()}
    if kept.get("by") != by:
        _promise_anew(ticket, lengths, {**kept, "of": of, "by": by})
        return True
    changed = [name for name in CLOCKS if of.get(name) != kept["of"].get(name)]
    if not changed:
        return False
    for name in changed:
        _set_deadline(ticket, name, deadlines.promise(ticket, lengths[name]) if name in lengths else None)
    said = {name: percent for name, percent in kept["said"].items() if name not in changed}
    ticket.promised = {**kept, "of": of, "said": said}
    return True


def _promise_anew(ticket: Ticket, lengths: Mapping[str, Duration], kept: Mapping[str, Any]) -> None:
    """The file promises something else by now, or counts its working time otherwise. Its change makes nothing late: a
    moment that would be over by it stays what it was, or counts from now where there was none. What was said is not
    said again while it is true.
    """
    at = ticket.sla_paused_at or clock.now()
    for name in CLOCKS:
        new, was = None, deadlines.of(ticket, name)
        if name in lengths:
            new = deadlines.promise(ticket, lengths[name])
            if new <= at and was is None and kept["said"].get(name) != BREACH:
                new = deadlines.promise(ticket, lengths[name], since=at)
            elif new <= at and was is not None and was > at:
                new = was
        _set_deadline(ticket, name, new)
    ticket.promised = dict(kept)
    said = {name: min(percent, _over(ticket, name, at=at)) for name, percent in kept["said"].items()}
    ticket.promised = {**kept, "said": said}


def _over(ticket: Ticket, name: str, *, at: datetime) -> int:
    """How many per cent of this clock's time are over; all of them only where it is late, or nothing is promised."""
    deadline = deadlines.of(ticket, name)
    is_late = deadline is None or deadline <= at
    return BREACH if is_late else min(BREACH - 1, deadlines.used(ticket, name, at=at))


def _set_deadline(ticket: Ticket, name: str, at: datetime | None) -> None:
    if name == "resolution":
        ticket.due_resolution = at
    elif ticket.first_response_at is None:
        ticket.due_first_response = at


def _turn(ticket: Ticket, at: datetime) -> bool:
    """Stop the clocks where they do not run, or let them go on where they do. Whether that is a change."""
    stands, since = _stands(ticket), ticket.sla_paused_at
    if stands == (since is not None):
        return False
    ticket.sla_paused_at = at if stands else None
    if since is not None:
        deadlines.go_on(ticket, since, max(since, at))
    return True


def _stands(ticket: Ticket) -> bool:
    """Whether the ticket is where its clocks do not run, or rests as a part of another one."""
    state = _workflow(ticket).states[ticket.state]
    return state.final or state.pauses_sla or ticket.merged_into_id is not None


def _set_clocks(ticket: Ticket, level: ServiceLevel | None, *, is_new: bool = False) -> None:
    """What comes next of each clock that runs: a row of what is due, and on the ticket for lists. A ticket that
    `is_new` has no such rows yet.
    """
    if not is_new:
        due.stop(ticket.id, "sla")
    ahead = running(ticket)
    marks = {name: _next_mark(ticket, name, level) for name in ahead}
    due.put([due.entry(ticket.id, "sla", name, mark[1]) for name, mark in marks.items() if mark])
    first = min(ahead, key=lambda name: ahead[name], default=None)
    ticket.due_at = ahead[first] if first else None
    ticket.at_risk = first is not None and bool(deadlines.promised(ticket)["said"].get(first))


def _next_mark(ticket: Ticket, name: str, level: ServiceLevel | None) -> tuple[int, datetime] | None:
    """The next per cent at which something is said of this clock, and when; of those already over only the last, so
    that they do not come in a burst.
    """
    said = deadlines.promised(ticket)["said"].get(name, 0)
    ahead = sorted(percent for percent in {*(level.warn_at if level else ()), BREACH} if percent > said)
    at = {percent: deadlines.mark(ticket, name, percent) for percent in ahead}
    over = [percent for percent in ahead if at[percent] <= clock.now()]
    chosen = over[-1:] or ahead[:1]
    return (chosen[0], at[chosen[0]]) if chosen else None


def _workflow(ticket: Ticket) -> Workflow:
    return revisions.active().desk.workflows[ticket.workflow]
