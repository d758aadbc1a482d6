"""One try to send a row of the outbox, whatever it is: told before it is made, its outcome written with the end of the
job.

Used by `mail`, `sms` and `webhooks`. Nothing here waits for a network.
"""

from __future__ import annotations

from collections.abc import Callable

from helpdesk import clock, jobs, stored
from helpdesk.db import session, writing
from helpdesk.delivery import targets
from helpdesk.errors import NotFound, NotPossible
from helpdesk.jobs import Later, LeaseLost, Work
from helpdesk.tickets import outbox
from helpdesk.tickets.models import Delivery

WHILE_MUTED = 300.0
UNSENT = ("waiting", "sending", "held")


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
    with writing() as here:
        if not jobs.renew(work.id, work.worker):
            raise LeaseLost(f"{work.kind} {work.id} is another worker's by now.")
        delivery = here.get_one(Delivery, delivery_id, with_for_update=True)
        delivery.status, delivery.attempts = "sending", delivery.attempts + 1
    return delivery


def settle(delivery_id: int, work: Work, write: Callable[[Delivery], None]) -> None:
    """Write the outcome and end the job, both or neither."""
    with writing() as here:
        work.finish()
        write(here.get_one(Delivery, delivery_id, with_for_update=True))


def again(delivery_id: int) -> None:
    """An administrator tries once more what failed or is held back.

    The job is held before the row, as the worker does it, and the row while it is judged: neither waits for the other
    in a circle, and one that leaves at this very moment is not sent twice. A call of a webhook may be made again also
    where it was answered: its id tells the other side that it is the same (fault 32).
    """
    with writing() as here:
        is_queued = jobs.hasten(f"deliver:{delivery_id}")
        delivery = here.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
        if delivery is None:
            raise NotFound("There is no such message.")
        if (delivery.status == "sent" and delivery.kind != "webhook") or delivery.frozen.get("secret"):
            raise NotPossible("This message cannot be sent again.")
        delivery.status, delivery.error, delivery.attempts = "waiting", "", 0
        delivery.created_at = clock.now()
        if delivery.kind == "webhook":
            targets.recall(delivery.recipient)
        if not is_queued:
            outbox.send(delivery.kind, delivery_id)
