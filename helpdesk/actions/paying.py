"""The money of a run: what it received goes to the ledger, what it asks for replaces what was asked before.

Called by the door where a run brought money. Also `links.pay`, which stands in mails while a payment is asked.
"""

from __future__ import annotations

from helpdesk.actions import mailed_links
from helpdesk.actions.mailed_links import Mailed
from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.tickets import action_links, payments
from helpdesk.tickets.payments import AskedPayment


def write(run: Run, event_id: int) -> None:
    """The rows of a run's money, which belong to its event."""
    for payment in run.payments:
        payment.event_id = event_id
        session().add(payment)
        payments.count(run.ticket, payment.amount, payment.currency)
    if run.asks is not None:
        payments.replace(run.ticket)
        asked = AskedPayment(ticket_id=run.ticket.id, event_id=event_id, amount=run.asks, currency=run.asks.currency)
        session().add(asked)


@mailed_links.makes("pay")
def link(about: Mailed) -> str:
    """Where the requester pays what is asked now; empty when nothing is."""
    asked = payments.asked(about.ticket) if about.to_customer else None
    if asked is None:
        return ""
    return action_links.url("pay", ticket_id=about.ticket.id, person_id=about.ticket.requester_id, round=asked.id)
