"""Money that a provider says has come: believed if its notice is signed, counted once, and put into the ledger through
the one door.

Called by the page that pays in the local twin, and by the address where a provider's notices arrive. Money is never
lost: what the ticket does not expect is kept as a notice, stands in its history, and an alarm says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from helpdesk import alarms, clock
from helpdesk.actions import perform
from helpdesk.actions.door import lock, release
from helpdesk.db import session, upsert, writing
from helpdesk.delivery import signing
from helpdesk.delivery.drivers.base import PaymentDriver
from helpdesk.errors import HelpdeskError, Invalid, NotFound, NotPossible
from helpdesk.settings import current
from helpdesk.text import plain
from helpdesk.tickets import events, unread
from helpdesk.tickets.actors import SYSTEM
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.payments import AskedPayment, PaymentNotice
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action

Outcome = Literal["taken", "aside", "before"]
NONE_HERE = "This desk takes no payments."
_CURRENCY = re.compile("[A-Za-z]{3}")


@dataclass(frozen=True)
class Paid:
    """What a provider says: under which name, for which request, how much, and its own reference."""

    id: str
    asked_id: int
    amount: Decimal
    currency: str
    reference: str


def driver() -> PaymentDriver | None:
    """Through whom customers pay, if the file says so."""
    service = revisions.active().desk.services.get("payments")
    return service.options if service else None


def may_pretend() -> bool:
    """Whether the twin's button is there: never on a desk that does real work."""
    found = driver()
    return found is not None and found.make_believe and (current().demo or current().env != "production")


def expected_by(ticket: Ticket) -> Action | None:
    """The action that notes a payment where the ticket is now: the first of its type that the state offers. A ticket
    that was merged into another expects none.
    """
    active = revisions.active()
    workflow = active.desk.workflows.get(ticket.workflow)
    if workflow is None or ticket.merged_into_id:
        return None
    offered = (workflow.actions[name] for name in active.rules.offered(ticket.workflow, ticket.state))
    return next((action for action in offered if action.type == "receive_payment"), None)


def pretend(asked: AskedPayment) -> Outcome:
    """Pay what is due in the local twin: it writes the notice a provider would send, and the desk reads it as one.

    However often the button is pressed, it is the same notice (attack 96). Raises NotPossible.
    """
    found = driver()
    if found is None or not may_pretend():
        raise NotPossible(NONE_HERE)
    name = f"local_{asked.id}_{asked.received:f}"
    said = {"asked": asked.id, "amount": f"{asked.due:f}", "currency": asked.currency, "reference": f"LOCAL-{asked.id}"}
    body = json.dumps({"type": "payment.received", "data": said}).encode()
    return notice(signing.sign(found.secret(), id=name, at=clock.now(), body=body), body)


def notice(headers: Mapping[str, str], body: bytes) -> Outcome:
    """A provider's call. Raises NotFound where nobody pays here, Forged, or Invalid (attack 97)."""
    found = driver()
    if found is None:
        raise NotFound(NONE_HERE)
    name = signing.believe(found.secret(), headers, body)
    return take(_read(name, body))


def take(paid: Paid) -> Outcome:
    """Put it into the ledger, once for its id."""
    with writing() as here:
        asked = here.get(AskedPayment, paid.asked_id)
        ticket = lock(asked.ticket_id) if asked else None
        if not _is_new(paid, ticket):
            return "before"
        why = _receive(ticket, paid) if ticket else "Nobody was asked for it."
        if not why:
            return "taken"
        here.get_one(PaymentNotice, paid.id).outcome = why
        _set_aside(ticket, paid, why)
        return "aside"


def _read(name: str, body: bytes) -> Paid:
    try:
        said: Any = json.loads(body)
        data = said["data"]
        amount = Decimal(str(data["amount"]))
        asked_id, currency, reference = data["asked"], str(data["currency"]), str(data.get("reference", ""))
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError) as odd:
        raise Invalid({"body": "This notice cannot be read."}) from odd
    fits = said.get("type") == "payment.received" and amount.is_finite() and 0 < amount < Decimal(10) ** 12
    if not fits or type(asked_id) is not int or not 0 < asked_id < 2**31 or not _CURRENCY.fullmatch(currency):
        raise Invalid({"body": "This notice is not about a payment."})
    return Paid(name, asked_id, amount, currency, plain.line(reference, limit=200))


def _is_new(paid: Paid, ticket: Ticket | None) -> bool:
    row = upsert(PaymentNotice).values(
        id=paid.id,
        ticket_id=ticket.id if ticket else None,
        amount=paid.amount,
        currency=paid.currency,
        reference=paid.reference,
        outcome="",
        at=clock.now(),
    )
    return session().execute(row.on_conflict_do_nothing().returning(PaymentNotice.id)).first() is not None


def _receive(ticket: Ticket, paid: Paid) -> str:
    """Run the state's own action for it; why that was not possible, or nothing."""
    action = expected_by(ticket)
    if action is None:
        return "No payment is expected where the ticket is now."
    if paid.currency != revisions.active().desk.company.currency:
        return "It is not in the company's currency."
    found = driver()
    methods = list(action.options.methods)
    method = found.method if found and found.method in methods else methods[0]
    values = {"amount": f"{paid.amount:f}", "method": method, "reference": paid.reference}
    try:
        with session().begin_nested():
            perform(ticket.id, action.name, SYSTEM, values)
    except HelpdeskError as refused:
        release(ticket)
        return refused.sentence
    return ""


def _set_aside(ticket: Ticket | None, paid: Paid, why: str) -> None:
    what = f"{paid.amount:f} {paid.currency} ({paid.reference or paid.id})"
    if ticket is None:
        alarms.sound(f"payment:{paid.id}", f"A payment came that belongs to no request: {what}.")
        return
    ticket = lock(ticket.id)
    data = {"label": "Payment", "why": f"{what} came and is not in the ledger. {why}"}
    events.append(ticket, kind="refused", actor=SYSTEM, data=data, touches=False)
    unread.mark(ticket, except_for=None)
    alarms.sound(f"payment:{paid.id}", f"A payment for {ticket.ref} came and is not in its ledger: {what}. {why}")
