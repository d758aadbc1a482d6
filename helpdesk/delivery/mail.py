"""The job `deliver`: a row of the outbox becomes a mail, once; a crash in the server's last breath may make it two,
with one Message-ID.

Nothing waits for the network inside a transaction.
"""

from __future__ import annotations

from functools import partial

from helpdesk import jobs
from helpdesk.db import session
from helpdesk.delivery import attempts, catcher, compose, envelope, outcome, plainly
from helpdesk.delivery.compose import Letter
from helpdesk.delivery.failures import NotNow, Unreachable
from helpdesk.delivery.smtp import Server
from helpdesk.jobs import Work
from helpdesk.settings import current
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets.models import Delivery

MINUTES = (1, 5, 15, 60)  # after the first tries; then every four hours
FOUR_HOURS = 240


@jobs.handles("deliver", lane="out")
def deliver(work: Work) -> None:
    """Send the mail of the row `work.payload["delivery"]`."""
    attempts.once(work, send=_send, wait=_wait)


def pause(tries: int, *, reachable: bool) -> float:
    """Seconds until the next try. A server that is away is asked again sooner than one that said "later"."""
    if not reachable:
        return 60.0 * min(tries, 15)
    return 60.0 * (MINUTES[tries - 1] if tries <= len(MINUTES) else FOUR_HOURS)


def _letter(delivery: Delivery) -> Letter:
    """The mail; with the built-in text where its own cannot be made and that does not pass."""
    try:
        return compose.letter(delivery)
    except TemplateFailed as failed:
        if attempts.may_pass(failed, delivery) or not plainly.possible(delivery):
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

        attempts.settle(delivery.id, work, caught)
        return
    if not current().smtp_url:
        raise Unreachable("No outgoing mail server is set: HELPDESK_SMTP_URL is empty.")
    envelope_from = envelope.sender(delivery)
    session().rollback()  # no transaction stays open while we wait for the network
    Server(current().smtp_url).send(letter, envelope_from=envelope_from)
    attempts.settle(work.payload["delivery"], work, gone)


def _wait(delivery: Delivery, work: Work, why: NotNow) -> None:
    away = isinstance(why, Unreachable)
    alarm = (outcome.SERVER, f"No mail leaves the desk. {why.sentence}") if away else None
    attempts.wait(delivery, work, why.sentence, pause=partial(pause, reachable=not away), alarm=alarm)
