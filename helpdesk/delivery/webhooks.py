"""The job `call`: a row of the outbox becomes a signed call of a webhook, with one id however often it is tried.

Standard Webhooks 1.0: ten tries over three days, only a 2xx is an answer, a redirect is none, 410 ends it for this
address. Each target fares by itself: one that fails or hangs holds up neither mail nor other webhooks (fault 32). What
a call holds is in docs/webhooks.md.
"""

from __future__ import annotations

import json
import random
from typing import NoReturn

from helpdesk import clock, jobs
from helpdesk.db import session, writing
from helpdesk.delivery import attempts, http, outcome, signing, targets
from helpdesk.delivery.turns import Busy, turn
from helpdesk.errors import HelpdeskError, NotPossible
from helpdesk.jobs import Later, Work
from helpdesk.settings import current
from helpdesk.tickets.models import Delivery
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Webhook
from helpdesk.workflows.secrets import reveal

PAUSES = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)  # seconds after each try: ten tries in 75 h 35 min
WHILE_PAUSED = 300.0
GONE = 410


@jobs.handles("call", lane="calls", threads=3)
def call(work: Work) -> None:
    """Call the webhook of the row `work.payload["delivery"]`."""
    delivery = attempts.unsent(work)
    if delivery is None:
        return
    name = delivery.recipient
    hook = revisions.active().desk.webhooks.get(name)
    if hook is None:
        why = f"The workflow file has no webhook “{name}” any more."
        attempts.settle(delivery.id, work, lambda row: outcome.failed(row, why))
        return
    if current().demo:
        attempts.settle(delivery.id, work, lambda row: outcome.held(row, "In the demo nobody out there is called."))
        return
    if resting := targets.rest(name):
        raise Later(_spread(resting), f"“{name}” does not answer just now.")
    try:
        url = reveal(hook.url)
        headers, body = _letter(delivery, hook)
    except (NotPossible, signing.WeakSecret) as unset:
        _pause(delivery.id, work, unset)
    if targets.is_gone(name, url):
        gone = f"“{name}” said that nobody is there any more."
        attempts.settle(delivery.id, work, lambda row: outcome.held(row, gone))
        return
    try:
        with turn(name):
            _try(delivery, work, url, headers, body)
    except Busy:
        raise Later(random.uniform(1, 3), f"“{name}” is being called.") from None  # noqa: S311 - spreads a crowd


def _try(delivery: Delivery, work: Work, url: str, headers: dict[str, str], body: bytes) -> None:
    delivery_id, name = delivery.id, delivery.recipient
    attempts.begin(delivery_id, work)
    session().rollback()  # no transaction stays open while we wait for the network
    try:
        status = http.post(url, body=body, headers=headers)
    except http.Forbidden as forbidden:
        _pause(delivery_id, work, forbidden)
    except http.Away as away:
        _wait(delivery_id, work, away.sentence)
    else:
        if 200 <= status < 300:
            attempts.settle(delivery_id, work, _answered)
        elif status == GONE:
            attempts.settle(delivery_id, work, lambda row: _left(row, url))
        else:
            _wait(delivery_id, work, f"“{name}” answered {status}.")


def _letter(delivery: Delivery, hook: Webhook) -> tuple[dict[str, str], bytes]:
    """The call's headers and body. The body is the same on each try, the moment it is signed for is not."""
    body = json.dumps(delivery.frozen["payload"], ensure_ascii=False, separators=(",", ":")).encode()
    at = clock.now()
    if hook.secret is None:
        signed = {"webhook-id": delivery.message_id, "webhook-timestamp": str(int(at.timestamp()))}
    else:
        signed = signing.sign(reveal(hook.secret), id=delivery.message_id, at=at, body=body)
    return {"Content-Type": "application/json", **signed}, body


def _answered(row: Delivery) -> None:
    targets.answered(row.recipient)
    outcome.sent(row)


def _left(row: Delivery, url: str) -> None:
    targets.left(row.recipient, url)
    outcome.held(row, f"“{row.recipient}” said that nobody is there any more.")


def _wait(delivery_id: int, work: Work, why: str) -> None:
    """Try again later, ten times in all; the target rests meanwhile."""
    tries = session().get_one(Delivery, delivery_id).attempts
    if tries > len(PAUSES):
        attempts.settle(delivery_id, work, lambda row: _given_up(row, why))
        return
    pause = PAUSES[tries - 1]
    with writing():
        row = attempts.mine(delivery_id, work)
        outcome.waits(row, why)
        targets.failed(row.recipient, why, pause=pause)
    raise Later(_spread(pause), why)


def _given_up(row: Delivery, why: str) -> None:
    targets.failed(row.recipient, why, pause=PAUSES[0])
    outcome.failed(row, f"It was tried ten times. {why}")


def _pause(delivery_id: int, work: Work, why: HelpdeskError) -> NoReturn:
    """It cannot be called as things stand. Nothing is lost: the row waits until somebody has mended it, with the tries
    it has.
    """
    with writing():
        row = attempts.mine(delivery_id, work)
        if row.status == "sending":  # the try was begun, and was none
            row.attempts -= 1
        outcome.waits(row, why.sentence)
        targets.paused(row.recipient, why.sentence)
    raise Later(WHILE_PAUSED, why.sentence)


def _spread(seconds: float) -> float:
    """A little later than asked, each a little differently, so that a crowd does not come at once."""
    return seconds * random.uniform(1.0, 1.2)  # noqa: S311 - hides nothing
