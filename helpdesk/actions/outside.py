"""The text messages and webhook calls of an action: to whom they go, and what they say. Writes outbox rows, sends
nothing.

Called by the door after the e-mails, and only where the action has any.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from helpdesk.actions import mailed_links
from helpdesk.actions.mailed_links import Mailed
from helpdesk.actions.recipients import named, out_of_sight
from helpdesk.actions.run import Cause, Run
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.text import plain, templates
from helpdesk.tickets import events, names, outbox, unasked
from helpdesk.tickets.events import Happened
from helpdesk.tickets.outbox import Recipient
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.outside import NUMBER
from helpdesk.workflows.schema import Sms

WORDS = 1000  # characters of a text that a call carries
PRIVATE = ("user", "file")  # types of fields that a call leaves out: addresses of staff, and files


def send(run: Run, event: Happened, context: dict[str, Any], cause: Cause, *, before: str) -> None:
    """Queue what the action says to the world beside its e-mails. `before`: the state it ran in."""
    for sms in run.spec.sms:
        if not sms.when or conditions.holds(sms.when, context):
            _text(run, event, sms, context, cause)
    if run.spec.webhooks:
        payload = told(run, event, before=before)
        for webhook in run.spec.webhooks:
            outbox.call(webhook, payload=payload, ticket=run.ticket, event_id=event.id)


def told(run: Run, event: Happened, *, before: str) -> dict[str, Any]:
    """What a call holds (docs/webhooks.md): the run and the ticket's fields; no message, no note, nobody's address."""
    ticket, active = run.ticket, revisions.active()
    workflow = active.desk.workflows[ticket.workflow]
    known = {**workflow.fields, **{each.name: each.field for each in run.spec.fields if not each.builtin}}
    return {
        "type": f"{ticket.workflow}.{run.spec.name}",
        "timestamp": event.at.isoformat(timespec="milliseconds"),
        "data": {
            "ticket": {"number": ticket.id, "ref": ticket.ref, "workflow": ticket.workflow, "state": ticket.state},
            "from_state": before,
            "action": {"name": run.spec.name, "type": run.spec.type, "label": run.spec.label},
            "actor": {"kind": run.actor.kind},
            "fields": {
                name: _plain(run.values.fields[name])
                for name, field in known.items()
                if name in run.values.fields and field.type not in PRIVATE
            },
            "payments": [
                {"amount": format(each.amount, "f"), "currency": each.currency, "method": each.method}
                for each in run.payments
            ],
            "event": event.id,
            "revision": active.id,
        },
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it; a number keeps its digits as text, so that money never becomes a float."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return str(getattr(value, "text", value))[:WORDS]


def _text(run: Run, event: Happened, sms: Sms, context: dict[str, Any], cause: Cause) -> None:
    ticket = run.ticket
    known = names.with_words(context, ticket, mentioned_in=sms.body)
    automatic = run.actor.kind == "system"
    for recipient in recipients(run, sms):
        customer = recipient.role == "customer"
        if not NUMBER.fullmatch(recipient.address):
            whose = recipient.person.shown_name if recipient.person else recipient.address
            _note(run, f"The number of {whose} does not begin with + and its country.")
            continue
        if customer and cause.automatic:
            continue
        personal = known | {"links": mailed_links.of(Mailed(ticket, recipient, event.id), sms.body)}
        if customer and automatic and not cause.staff:
            if not unasked.may_write(recipient.address, verified=False):
                _note(run, f"{recipient.address} has been sent enough automatic messages for now.")
                continue
            if not ticket.requester_verified:
                personal = names.without_words(personal)
        outbox.text(
            recipient,
            body=sms.body,
            names=templates.freeze(personal),
            ticket=ticket,
            event_id=event.id,
            automatic=automatic,
        )


def recipients(run: Run, sms: Sms) -> list[Recipient]:
    """Who gets this text message: each number once, by the rules for e-mails. Whoever has no number is left out."""
    chosen: dict[str, Recipient] = {}
    for role in sms.to:
        if role.startswith("+"):
            people: list[tuple[Person | None, str]] = [(find.by_address("phone", role), role)]
        else:
            people = [(person, person.phone) for person, _ in named(role, run.ticket) if person is not None]
        for person, number in people:
            its_own = person is not None and person.id == run.actor.person_id and role != "customer"
            if number and not its_own and not out_of_sight(person, role, run.ticket):
                number = find.normal(number, kind="phone")
                chosen.setdefault(number, Recipient(number, person, role))
    return list(chosen.values())


def _note(run: Run, why: str) -> None:
    why = f"{plain.line(why, limit=300)} “{run.spec.label}” was not sent there."
    data = {"label": run.spec.label, "why": why}
    events.append(run.ticket, kind="refused", action=run.spec.name, actor=run.actor, data=data, touches=False)
