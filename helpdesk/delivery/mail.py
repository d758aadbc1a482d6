"""The job `deliver`: a row of the outbox becomes a mail, once; a crash in the server's last breath may make it two,
with one Message-ID.

Nothing waits for the network inside a transaction.
"""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from helpdesk import alarms, clock, jobs
from helpdesk.db import session, writing
from helpdesk.delivery import attempts, catcher, compose, envelope, outcome, plainly, resting
from helpdesk.delivery.compose import Letter
from helpdesk.delivery.failures import NotNow, Unreachable, Unsigned
from helpdesk.delivery.grants import SignInEnded
from helpdesk.delivery.resting import Rest
from helpdesk.delivery.smtp import Server
from helpdesk.jobs import Later, Work
from helpdesk.settings import current
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets.models import Delivery

MINUTES = (1, 5, 15, 60)  # after the first tries; then every four hours
FOUR_HOURS = 240


@jobs.handles("deliver", lane="out")
def deliver(work: Work) -> None:
    """Send the mail of the row `work.payload["delivery"]`."""
    if (rest := resting.now()) is not None and (delivery := attempts.unsent(work)) is not None:
        _behind(delivery, work, rest)
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
        outcome.sent(row, instead=letter.instead, sender=sender)

    def taken(row: Delivery) -> None:
        resting.over()
        gone(row)

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
    attempts.settle(work.payload["delivery"], work, taken)


def _behind(delivery: Delivery, work: Work, rest: Rest) -> NoReturn:
    """Another mail has just found the server away: this one waits with it, which is no try of its own."""
    if delivery.error != rest.why:
        with writing():
            outcome.waits(attempts.mine(delivery.id, work), rest.why)
    raise Later(max(rest.left, 1.0), rest.why)


def _wait(delivery: Delivery, work: Work, why: NotNow) -> None:
    away = isinstance(why, Unreachable)
    alarm = (outcome.SERVER, f"No mail leaves the desk. {why.sentence}") if away else None
    if alarm:
        with writing():
            silence = clock.now() - resting.failed(why.sentence).since
            if silence >= attempts.SILENCE or isinstance(why, SignInEnded):  # which does not pass by itself
                alarms.sound(*alarm)  # by whichever mail asks the server; it may be a new one each time
                alarm = None
    elif isinstance(why, Unsigned):  # the others leave; this does not pass by itself either
        with writing():
            alarms.sound(outcome.unsigned(why.domain), f"Mail of {why.domain} waits. {why.sentence}"[:1000])
    how_long = partial(pause, reachable=not isinstance(why, Unreachable | Unsigned))
    attempts.wait(delivery, work, why.sentence, pause=how_long, alarm=alarm)
