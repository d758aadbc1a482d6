"""What the customer was promised: which service level holds, until when, and what makes its clocks stand."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.rollout.why.answer import Part, Reason
from helpdesk.rollout.why.lines import Lines
from helpdesk.rollout.why.seen import saw
from helpdesk.rollout.why.when import moment
from helpdesk.tickets import fields, names
from helpdesk.tickets.actors import SYSTEM
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import conditions, revisions


def promised(ticket: Ticket, lines: Lines) -> Part | None:
    """Nothing where the workflow promises nothing."""
    if not revisions.active().desk.workflows[ticket.workflow].sla:
        return None
    reasons = (*_levels(ticket, lines), *_clocks(ticket, lines))
    return Part(name="promised", title="What was promised", reasons=reasons)


def _levels(ticket: Ticket, lines: Lines) -> Iterator[Reason]:
    """Each service level up to the one that matches, with what its condition saw."""
    levels = revisions.active().desk.workflows[ticket.workflow].sla
    whens = [level.when for level in levels if level.when]
    known = names.of_ticket(ticket, actor=SYSTEM, fields=fields.held(ticket), conditions=whens)
    for level in levels:
        line = lines.of(*level.path)
        if level.when and not conditions.holds(level.when, known):
            says = f"This service level does not count, because {level.when} does not hold."
            yield Reason(code="level", holds=False, says=says, line=line, saw=saw(level.when, known))
            continue
        seen = saw(level.when, known) if level.when else ()
        why = f" because {level.when} holds" if level.when else ""
        yield Reason(code="level", holds=True, says=f"This service level counts{why}.", line=line, saw=seen)
        return
    yield Reason(code="level", says="No service level counts, so nothing is promised.")


def _clocks(ticket: Ticket, lines: Lines) -> Iterator[Reason]:
    workflow = revisions.active().desk.workflows[ticket.workflow]
    here = workflow.states[ticket.state]
    if ticket.first_response_at is not None:
        yield Reason(code="first_response", says=f"The first response was on {moment(ticket.first_response_at)}.")
    elif ticket.due_first_response is not None:
        yield Reason(code="first_response", says=f"The first response is due on {moment(ticket.due_first_response)}.")
    if ticket.due_resolution is not None:
        yield Reason(code="resolution", says=f"The resolution is due on {moment(ticket.due_resolution)}.")
    if ticket.sla_paused_at is not None:
        key = "final" if here.final else "pauses_sla"
        where = f"while the ticket is “{here.label}”" if here.final or here.pauses_sla else "while it rests"
        says = f"The clocks stand still since {moment(ticket.sla_paused_at)}, {where}."
        yield Reason(code="paused", says=says, line=lines.of(*here.path, key))
