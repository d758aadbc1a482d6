"""The job `text`: a row of the outbox becomes a text message, by the driver that the file's `services.sms` names.

Tried as long as a mail is. Its text is made by the killable sandbox when it is sent, of names that were frozen when it
was caused.
"""

from __future__ import annotations

from datetime import timedelta

from helpdesk import alarms, clock, jobs
from helpdesk.db import session, writing
from helpdesk.delivery import attempts, outcome
from helpdesk.delivery.drivers.base import Never, NotNow, SmsDriver
from helpdesk.delivery.drivers.sms_local import LocalSms
from helpdesk.delivery.mail import PATIENCE, SILENCE, pause
from helpdesk.errors import HelpdeskError
from helpdesk.jobs import Later, Work
from helpdesk.settings import current
from helpdesk.text import plain, templates
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets.models import Delivery
from helpdesk.workflows import revisions

LONGEST = 1000  # characters; a telephone shows some 153 a part
BUSY = 2  # tries that a text may fail because the machine is busy


@jobs.handles("text", lane="texts")
def text(work: Work) -> None:
    """Send the text message of the row `work.payload["delivery"]`."""
    delivery = attempts.unsent(work)
    if delivery is None:
        return
    delivery = attempts.begin(delivery.id, work)
    try:
        _send(delivery, work)
    except Never as never:
        why = never.sentence
        attempts.settle(delivery.id, work, lambda row: outcome.failed(row, why))
    except TemplateFailed as unmade:
        _unmade(delivery, work, unmade)
    except NotNow as later:
        _wait(delivery, work, later)


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


def _wait(delivery: Delivery, work: Work, why: HelpdeskError) -> None:
    session().refresh(delivery)
    age: timedelta = clock.now() - delivery.created_at
    if age > PATIENCE:
        said = f"It was tried for five days. {why.sentence}"
        attempts.settle(delivery.id, work, lambda row: outcome.failed(row, said))
        return
    with writing() as here:
        outcome.waits(here.get_one(Delivery, delivery.id, with_for_update=True), why.sentence)
        if age >= SILENCE:
            alarms.sound("delivery:sms", f"No text message leaves the desk. {why.sentence}")
    raise Later(pause(delivery.attempts, reachable=True), why.sentence)


def _unmade(delivery: Delivery, work: Work, why: TemplateFailed) -> None:
    """The text could not be made. On a machine that is busy that passes; if it does not, it is held for somebody."""
    if why.reason in ("timeout", "died") and delivery.attempts <= BUSY:
        _wait(delivery, work, NotNow(why.sentence))
        return
    sentence = why.sentence
    attempts.settle(delivery.id, work, lambda row: outcome.held(row, sentence))
