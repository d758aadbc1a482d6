"""The job `deliver`: a row of the outbox becomes a mail, once; a crash in the server's last breath may make it two,
with one Message-ID.

Each try is told before it is made (`sending`), and its outcome is written together with the end of the job. Nothing
waits for the network inside a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from helpdesk import alarms, clock, jobs, stored
from helpdesk.db import session, writing
from helpdesk.delivery import catcher, compose, outcome, plainly
from helpdesk.delivery.compose import Letter
from helpdesk.delivery.smtp import NotNow, Refused, Server, Unreachable
from helpdesk.errors import HelpdeskError, NotFound, NotPossible
from helpdesk.files import Damaged
from helpdesk.jobs import Later, LeaseLost, Work
from helpdesk.settings import current
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets.models import Delivery

MINUTES = (1, 5, 15, 60)  # after the first tries; then every four hours
FOUR_HOURS = 240
BUSY = 2  # tries that a text may fail because the machine is busy
PATIENCE = timedelta(days=5)  # RFC 5321, 4.5.4.1
SILENCE = timedelta(minutes=15)  # how long no mail may leave before the administrators hear of it
WHILE_MUTED = 300.0
UNSENT = ("waiting", "sending", "held")


@jobs.handles("deliver", lane="out")
def deliver(work: Work) -> None:
    """Send the mail of the row `work.payload["delivery"]`."""
    delivery = session().get(Delivery, work.payload["delivery"])
    if delivery is None or delivery.status not in UNSENT:
        return
    if stored.get("muted"):
        raise Later(WHILE_MUTED, "This desk is a restored copy and sends nothing until it is told to live.")
    delivery = _begin(delivery.id, work)
    try:
        _send(delivery, work)
    except (Refused, compose.Unsafe) as never:
        why = str(never)
        _settle(delivery.id, work, lambda row: outcome.failed(row, why))
    except (Damaged, TemplateFailed) as unmade:
        _unmade(delivery, work, unmade)
    except (NotNow, Unreachable) as later:
        _wait(delivery, work, later)


def again(delivery_id: int) -> None:
    """An administrator tries a mail once more that failed or is held back.

    The job is held before the mail, as the worker does it, and the mail while it is judged: neither waits for the
    other in a circle, and one that leaves at this very moment is not sent twice.
    """
    dedupe = f"deliver:{delivery_id}"
    with writing() as here:
        is_queued = jobs.hasten(dedupe)
        delivery = here.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
        if delivery is None:
            raise NotFound("There is no such mail.")
        if delivery.status == "sent" or delivery.frozen.get("secret"):
            raise NotPossible("This mail cannot be sent again.")
        delivery.status, delivery.error, delivery.attempts = "waiting", "", 0
        delivery.created_at = clock.now()
        if not is_queued:
            jobs.enqueue("deliver", {"delivery": delivery_id}, dedupe=dedupe)


def pause(attempts: int, *, reachable: bool) -> float:
    """Seconds until the next try. A server that is away is asked again sooner than one that said "later"."""
    if not reachable:
        return 60.0 * min(attempts, 15)
    return 60.0 * (MINUTES[attempts - 1] if attempts <= len(MINUTES) else FOUR_HOURS)


def _begin(delivery_id: int, work: Work) -> Delivery:
    """Say that it is being sent. Raises LeaseLost where another worker has it by now: two would send it twice."""
    with writing() as here:
        if not jobs.renew(work.id, work.worker):
            raise LeaseLost(f"{work.kind} {work.id} is another worker's by now.")
        delivery = here.get_one(Delivery, delivery_id, with_for_update=True)
        delivery.status, delivery.attempts = "sending", delivery.attempts + 1
    return delivery


def _letter(delivery: Delivery) -> Letter:
    """The mail; with the built-in text where its own cannot be made and that does not pass."""
    try:
        return compose.letter(delivery)
    except TemplateFailed as failed:
        if _may_pass(failed, delivery) or not plainly.possible(delivery):
            raise
        return compose.letter(delivery, instead=failed.sentence)


def _send(delivery: Delivery, work: Work) -> None:
    letter = _letter(delivery)
    sender, subject = compose.sender_of(delivery), letter.shown_subject

    def gone(row: Delivery) -> None:
        row.subject = subject[:300]
        outcome.sent(row, instead=letter.instead)

    if current().demo:
        sha256 = catcher.keep(letter.as_bytes())

        def caught(row: Delivery) -> None:
            catcher.enter(row, sha256, sender=sender, subject=subject)
            gone(row)

        _settle(delivery.id, work, caught)
        return
    if not current().smtp_url:
        raise Unreachable("No outgoing mail server is set: HELPDESK_SMTP_URL is empty.")
    null_path = delivery.automatic
    session().rollback()  # no transaction stays open while we wait for the network
    Server(current().smtp_url).send(letter, null_path=null_path)
    _settle(work.payload["delivery"], work, gone)


def _settle(delivery_id: int, work: Work, write: Callable[[Delivery], None]) -> None:
    """Write the outcome and end the job, both or neither."""
    with writing() as here:
        work.finish()
        write(here.get_one(Delivery, delivery_id, with_for_update=True))


def _wait(delivery: Delivery, work: Work, why: HelpdeskError) -> None:
    """Try again later, until the mail is five days old. Once nothing could leave for a quarter of an hour, an alarm
    says so.
    """
    session().refresh(delivery)
    age = clock.now() - delivery.created_at
    seconds = pause(delivery.attempts, reachable=isinstance(why, NotNow))
    if age > PATIENCE:
        _settle(delivery.id, work, lambda row: outcome.failed(row, f"It was tried for five days. {why.sentence}"))
        return
    with writing() as here:
        outcome.waits(here.get_one(Delivery, delivery.id, with_for_update=True), why.sentence)
        if isinstance(why, Unreachable) and age >= SILENCE:
            alarms.sound(outcome.SERVER, f"No mail leaves the desk. {why.sentence}")
    raise Later(seconds, why.sentence)


def _unmade(delivery: Delivery, work: Work, why: HelpdeskError) -> None:
    """The text could not be made. On a machine that is busy that passes; if it does not, the mail is held for somebody
    to look at.
    """
    if isinstance(why, TemplateFailed) and _may_pass(why, delivery):
        _wait(delivery, work, NotNow(why.sentence))
        return
    sentence = why.sentence
    _settle(delivery.id, work, lambda row: outcome.held(row, sentence))


def _may_pass(failed: TemplateFailed, delivery: Delivery) -> bool:
    """Whether the machine may have been too busy, rather than the text wrong."""
    return failed.reason in ("timeout", "died") and delivery.attempts <= BUSY
