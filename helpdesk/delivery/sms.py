"""The job `text`: a row of the outbox becomes a text message, by the driver that the file's `services.sms` names.

Tried as long as a mail is. Its text is made by the killable sandbox when it is sent, of names that were frozen when it
was caused.
"""

from __future__ import annotations

from functools import partial

from helpdesk import jobs
from helpdesk.db import session
from helpdesk.delivery import attempts, outcome
from helpdesk.delivery.drivers.base import SmsDriver
from helpdesk.delivery.drivers.sms_local import LocalSms
from helpdesk.delivery.failures import Never, NotNow
from helpdesk.delivery.mail import pause
from helpdesk.jobs import Work
from helpdesk.settings import current
from helpdesk.text import plain, templates
from helpdesk.tickets.models import Delivery
from helpdesk.workflows import revisions

LONGEST = 1000  # characters; a telephone shows some 153 a part


@jobs.handles("text", lane="texts")
def text(work: Work) -> None:
    """Send the text message of the row `work.payload["delivery"]`."""
    attempts.once(work, send=_send, wait=_wait)


def _send(delivery: Delivery, work: Work) -> None:
    driver = _driver()
    made = templates.render(delivery.frozen["body"], delivery.frozen["names"])
    body, number, name = plain.scrub(made).strip()[:LONGEST], delivery.recipient, delivery.message_id
    if not body:
        raise Never("There is nothing in it.")
    session().rollback()  # no transaction stays open while we wait for the network
    noted = driver.send(number, body, id=name)

    def gone(row: Delivery) -> None:
        row.subject = plain.line(body, limit=300)
        if noted:
            noted(row)
        outcome.sent(row)

    attempts.settle(work.payload["delivery"], work, gone)


def _driver() -> SmsDriver:
    if current().demo:  # a try writes to nobody out there
        return LocalSms()
    service = revisions.active().desk.services.get("sms")
    if service is None:
        raise NotNow("The workflow file has no service `sms` any more.")
    driver: SmsDriver = service.options
    return driver


def _wait(delivery: Delivery, work: Work, why: NotNow) -> None:
    alarm = ("delivery:sms", f"No text message leaves the desk. {why.sentence}")
    attempts.wait(delivery, work, why.sentence, pause=partial(pause, reachable=True), alarm=alarm)
