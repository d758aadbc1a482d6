"""Which mails an action would send, to whom, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.actions import recipients
from helpdesk.rollout.why.answer import Part, Reason
from helpdesk.rollout.why.asking import Asking
from helpdesk.rollout.why.seen import saw
from helpdesk.tickets import names
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import conditions
from helpdesk.workflows.schema import Email


def mails(asking: Asking, after: Ticket) -> Part:
    """Each e-mail of the action. `after`: the ticket as it would be then."""
    reasons = [
        reason for number, email in enumerate(asking.spec.emails) for reason in _of(asking, number, email, after)
    ]
    return Part(name="mails", title="Whom it mails", reasons=tuple(reasons))


def named(email: Email) -> str:
    """What the file calls this mail: its template, else its subject."""
    return email.template or email.subject or "a mail"


def _of(asking: Asking, number: int, email: Email, after: Ticket) -> Iterator[Reason]:
    line = asking.line("emails", str(number))
    if email.when:
        known = names.of_ticket(after, actor=asking.by, fields=asking.held, action=asking.spec, conditions=[email.when])
        seen = saw(email.when, known)
        if not conditions.holds(email.when, known):
            says = f"“{named(email)}” is not sent, because {email.when} does not hold."
            yield Reason(code="when", holds=False, says=says, line=line, saw=seen)
            return
        yield Reason(
            code="when", holds=True, says=f"“{named(email)}” is sent: {email.when} holds.", line=line, saw=seen
        )
    for role in (*email.to, *email.bcc):
        yield from _to(asking, email, role, after, line)


def _to(asking: Asking, email: Email, role: str, after: Ticket, line: str) -> Iterator[Reason]:
    considered = list(recipients.considered(role, after, asking.by))
    if not considered:
        yield Reason(code="nobody", holds=False, says=f"“{named(email)}” to {role}: there is nobody.", line=line)
    for each in considered:
        who = each.person.shown_name if each.person else each.address
        if each.left_out:
            says = f"“{named(email)}” to {role}: not to {who}, who {each.left_out}."
            about = each.person.id if each.person and role != "customer" else None
            yield Reason(code="left_out", holds=False, says=says, line=line, about=about)
        else:
            where = who if who == each.address else f"{who} <{each.address}>"
            yield Reason(code="sent", holds=True, says=f"“{named(email)}” to {role}: {where}.", line=line)
