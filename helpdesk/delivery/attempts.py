"""One try to send a row of the outbox, whatever it is: told before it is made (`sending`), its outcome written with the
end of the job.

Used by `mail`, `sms` and `webhooks`. Nothing here waits for a network.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from helpdesk import alarms, clock, jobs, stored
from helpdesk.db import session, writing
from helpdesk.delivery import outcome, resting, targets
from helpdesk.delivery.failures import Never, NotNow
from helpdesk.errors import NotFound, NotPossible
from helpdesk.files import Damaged
from helpdesk.jobs import Later, LeaseLost, Work
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets import outbox
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Delivery

WHILE_MUTED = 300.0
BUSY = 2  # tries that a text may fail because the machine is busy
PATIENCE = timedelta(days=5)  # RFC 5321, 4.5.4.1
SILENCE = timedelta(minutes=15)  # how long nothing may leave before the administrators hear of it
UNSENT = ("waiting", "sending", "held")
LEAVING = "This message is being sent at this very moment."


def once(work: Work, *, send: Callable[[Delivery, Work], None], wait: Callable[[Delivery, Work, NotNow], None]) -> None:
    """Try once to send the row the job is about, if it is still to be sent: `send` hands it over and writes that it
    went, `wait` says when the next try is.

    What will never work has failed. What cannot be made is held for somebody to look at, unless the machine was only
    too busy to make it.
    """
    delivery = unsent(work)
    if delivery is None:
        return
    delivery = begin(delivery.id, work)
    try:
        send(delivery, work)
    except Never as never:
        why = never.sentence
        settle(delivery.id, work, lambda row: outcome.failed(row, why))
    except NotNow as later:
        wait(delivery, work, later)
    except (Damaged, TemplateFailed) as unmade:
        why = unmade.sentence
        if isinstance(unmade, TemplateFailed) and may_pass(unmade, delivery):
            wait(delivery, work, NotNow(why))
        else:
            settle(delivery.id, work, lambda row: outcome.held(row, why))


def unsent(work: Work) -> Delivery | None:
    """The row the job is about, if it is still to be sent. Raises `Later` while this desk keeps silent (fault 31)."""
    delivery = session().get(Delivery, work.payload["delivery"])
    if delivery is None or delivery.status not in UNSENT:
        return None
    if stored.get("muted"):
        raise Later(WHILE_MUTED, "This desk is a restored copy and sends nothing until it is told to live.")
    return delivery


def begin(delivery_id: int, work: Work) -> Delivery:
    """Say that it is being sent. Raises LeaseLost where another worker has it by now: two would send it twice."""
    with writing():
        delivery = mine(delivery_id, work)
        delivery.status, delivery.attempts = "sending", delivery.attempts + 1
    return delivery


def mine(delivery_id: int, work: Work) -> Delivery:
    """The row, held until the transaction at hand ends, for whoever still has the job. Raises LeaseLost: what another
    worker has made of it meanwhile stands (fault 5).
    """
    if not jobs.renew(work.id, work.worker):
        raise LeaseLost(f"{work.kind} {work.id} is another worker's by now.")
    return session().get_one(Delivery, delivery_id, with_for_update=True, populate_existing=True)


def settle(delivery_id: int, work: Work, write: Callable[[Delivery], None]) -> None:
    """Write the outcome and end the job, both or neither."""
    with writing() as here:
        work.finish()
        write(here.get_one(Delivery, delivery_id, with_for_update=True))


def wait(
    delivery: Delivery, work: Work, why: str, *, pause: Callable[[int], float], alarm: tuple[str, str] | None = None
) -> None:
    """Try again after the seconds that `pause` gives for the tries so far, until the row is five days old; raises
    `Later`. `alarm`: its subject and what it says, once nothing could leave for a quarter of an hour.
    """
    session().refresh(delivery)
    age = clock.now() - delivery.created_at
    if age > PATIENCE:
        settle(delivery.id, work, lambda row: outcome.failed(row, f"It was tried for five days. {why}"))
        return
    seconds = pause(delivery.attempts)
    with writing():
        outcome.waits(mine(delivery.id, work), why)
        if alarm and age >= SILENCE:
            alarms.sound(*alarm)
    raise Later(seconds, why)


def may_pass(failed: TemplateFailed, delivery: Delivery) -> bool:
    """Whether the machine may have been too busy to make the text, rather than the text wrong."""
    return failed.reason in ("timeout", "died") and delivery.attempts <= BUSY


def again(delivery_id: int, *, by: Actor | None = None) -> None:
    """An administrator tries once more what waits, failed, is held back or was given up.

    The job is held before the row, as the worker does it, also where it runs or has to be made: neither waits for the
    other in a circle. One that leaves at this very moment is not sent twice; a worker that has the job and has not
    begun, or has just put it off, loses it, or its “later” would undo this. A call of a webhook may be made again also
    where it was answered: its id tells the other side that it is the same (fault 32).
    """
    with writing() as here:
        found = here.get(Delivery, delivery_id)
        if found is None:
            raise NotFound("There is no such message.")
        job = f"deliver:{delivery_id}"
        while (state := jobs.held(job)) is None:
            outbox.send(found.kind, delivery_id)
        delivery = here.get_one(Delivery, delivery_id, with_for_update=True, populate_existing=True)
        if delivery.status == "sending" and state == "running":
            raise NotPossible(LEAVING)
        forgotten = delivery.frozen.get("secret") and not delivery.frozen.get("names")
        if (delivery.status == "sent" and delivery.kind != "webhook") or forgotten:
            raise NotPossible("This message cannot be sent again.")
        if by is not None and delivery.status != "waiting":
            outcome.by_hand(delivery, "waiting", by)
        delivery.status, delivery.error, delivery.attempts = "waiting", "", 0
        delivery.created_at = clock.now()
        if delivery.kind == "webhook":
            targets.recall(delivery.recipient)
        if delivery.kind == "mail":
            resting.over()
        jobs.take_over(job)
