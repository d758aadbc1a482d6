"""The queue of what leaves the desk, as an administrator works it: hold something back, let it go on, give it up, and
try all of it again once a server is back.

Called by the administration. Each verb is a transaction of its own and leaves a line on the ticket's history that names
who did it. Like the worker it holds the job before the row, so that nothing is stopped that is just being sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal, select, text

from helpdesk import jobs
from helpdesk.db import answer, session, writing
from helpdesk.delivery import attempts, outcome
from helpdesk.errors import Invalid, NotFound, NotPossible
from helpdesk.jobs import Work
from helpdesk.people.find import normal
from helpdesk.people.models import Person
from helpdesk.tickets import actors
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Delivery

QUEUES = ("waiting", "held", "failed", "discarded")
MOST = 100  # rows that a count looks at
PORTION = 200  # rows of one turn of the worker
LONGEST_REASON = 300
UNSENT = text("deliveries.status <> 'sent'")  # as its index says it, or SQLite would not see that it fits


def chosen(*, status: str = "", source: str = "", recipient: str = "") -> Select[Delivery]:
    """What stands in a queue (all that ever left for no `status`), of this source and to this address."""
    query = select(Delivery)
    if status:
        query = query.where(Delivery.status == status)
    if source:
        query = query.where(Delivery.source == source, UNSENT)
    if recipient:
        query = query.where(Delivery.recipient.in_({recipient.strip(), normal(recipient)}))
    return query


def counts() -> dict[str, int]:
    """How many stand in each queue, up to `MOST`."""
    return dict(zip(QUEUES, answer(COUNTS, most=MOST).one(), strict=True))


def hold(delivery_id: int, by: Actor) -> None:
    """Send it no further until somebody lets it go on. Raises NotFound or NotPossible."""
    with writing():
        delivery = _stopped(delivery_id, "waiting")
        outcome.by_hand(delivery, "held", by)


def discard(delivery_id: int, by: Actor, *, why: str) -> None:
    """Give it up for good. Raises Invalid without a reason, NotFound or NotPossible."""
    why = why.strip()[:LONGEST_REASON]
    if not why:
        raise Invalid({"why": "Please say why. The ticket's history keeps it."}, code="required")
    with writing():
        delivery = _stopped(delivery_id, "waiting", "held", "failed")
        outcome.by_hand(delivery, "discarded", by, why)


def send_all(by: Actor, *, status: str, source: str = "", recipient: str = "") -> None:
    """Try all of a queue again, as it is now: left to the worker, portion by portion."""
    chosen_now = chosen(status=status, source=source, recipient=recipient)
    newest = session().scalar(chosen_now.with_only_columns(Delivery.id).order_by(Delivery.id.desc()).limit(1))
    if newest is None:
        raise NotPossible("There is nothing here to be sent.")
    picked = {"status": status, "source": source, "recipient": recipient}
    with writing():
        jobs.enqueue("send_again", {**picked, "after": 0, "until": newest, "by": by.person_id})


@jobs.handles("send_again")
def send_again(work: Work) -> None:
    """One portion of `send_all`; the next one is a job of its own."""
    payload = work.payload
    person = session().get(Person, payload["by"]) if payload["by"] else None
    by = actors.staff(person) if person else actors.SYSTEM
    rows = _portion(payload)
    for delivery_id in rows:
        try:
            attempts.again(delivery_id, by=by)
        except (NotFound, NotPossible):
            continue  # it left, or was given up, since the button was pressed
    with writing():
        work.finish()
        if len(rows) == PORTION:
            jobs.enqueue("send_again", {**payload, "after": rows[-1]})


def _portion(payload: Mapping[str, Any]) -> list[int]:
    picked = chosen(status=payload["status"], source=payload["source"], recipient=payload["recipient"])
    within = picked.where(Delivery.id > payload["after"], Delivery.id <= payload["until"])
    return list(session().scalars(within.with_only_columns(Delivery.id).order_by(Delivery.id).limit(PORTION)))


def _stopped(delivery_id: int, *statuses: str) -> Delivery:
    """The row with nobody left who would send it, if it stands in one of these queues."""
    job = f"deliver:{delivery_id}"
    state = jobs.held(job)
    here = session()
    delivery = here.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        raise NotFound("There is no such message.")
    if delivery.status == "sending" or (delivery.status == "waiting" and state in (None, "running")):
        raise NotPossible(attempts.LEAVING)
    if delivery.status not in statuses:
        raise NotPossible("This message does not wait any more.")
    jobs.withdraw(job)
    return delivery


def _count(status: str) -> Any:
    some = select(literal(1)).where(Delivery.status == status).limit(bindparam("most", type_=Integer))
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


COUNTS = select(*(_count(status).label(status) for status in QUEUES))
