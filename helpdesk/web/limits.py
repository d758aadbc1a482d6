"""How often something may be tried, counted in this process or, where several run, in Redis.

    limits.spend("sign_in", account, network())     one more try; raises TooMany when there were enough

Tries at signing in count for an account *and* the network they come from: nobody locks a stranger out (attack 71).
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass

from flask import Flask, current_app
from flask_babel import gettext as _
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from config import Settings
from helpdesk.errors import TooMany

RULES: dict[str, RateLimitItem] = {
    "sign_in": parse("5 per 15 minutes"),  # of one account, from one network
    "sign_in_from": parse("100 per hour"),  # of all accounts, from one network
    "second_step": parse("5 per 15 minutes"),  # of one person: whoever gets here knew the password
    "mailed_link": parse("3 per hour"),  # to one address (attack 34)
    "mailed_link_from": parse("20 per hour"),  # asked for from one network
    "one_time_link": parse("30 per hour"),  # links tried from one network (attack 47)
    "mailed_action": parse("30 per hour"),  # links of mails that one person has do something
    "form": parse("30 per hour"),  # forms sent from one network
    "workflow_check": parse("240 per minute"),  # texts of one administrator looked at while they type
    "workflow_try": parse("40 per minute"),  # tests run and plans made for one administrator
    "reply": parse("60 per hour"),  # messages of one customer
    "wrong_token": parse("100 per hour"),  # tokens that open nothing, from one network
    "download": parse("30 per hour"),  # lists that one person takes as files
    "api": parse("600 per minute"),  # requests of one token
    "api_write": parse("120 per minute"),  # those of them that act
    "api_new": parse("30 per hour"),  # tickets that one customer opens by a program, as by a form
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counters:
    shared: MovingWindowRateLimiter
    own: MovingWindowRateLimiter  # used while the shared ones cannot be reached


def init_app(app: Flask, settings: Settings) -> None:
    own = MovingWindowRateLimiter(MemoryStorage())
    shared = own
    if settings.redis_url:
        options = {"wrap_exceptions": True, "socket_timeout": 1.0, "socket_connect_timeout": 1.0}
        shared = MovingWindowRateLimiter(storage_from_string(settings.redis_url, **options))
    app.extensions["helpdesk_limits"] = Counters(shared, own)


def spend(rule: str, *key: str) -> None:
    """Count one try. Raises TooMany, with the seconds to wait, when it is one too many."""
    if not allows(rule, *key):
        wait = _seconds_left(rule, key)
        minutes = math.ceil(wait / 60)
        sentence = _("That was tried too often. Please wait %(minutes)s min, then try again.", minutes=minutes)
        raise TooMany(sentence, retry_after=wait)


def allows(rule: str, *key: str) -> bool:
    """Count one try and tell whether it was still within the rule."""
    counters = _counters()
    try:
        return counters.shared.hit(RULES[rule], rule, *key)
    except StorageError as trouble:  # better to count alone than not to let anybody in
        log.warning("The limits' Redis cannot be reached; this process counts by itself: %s", trouble)
        return counters.own.hit(RULES[rule], rule, *key)


def forgive(rule: str, *key: str) -> None:
    """Forget the tries: they were the right person's after all."""
    counters = _counters()
    counters.own.clear(RULES[rule], rule, *key)
    try:
        counters.shared.clear(RULES[rule], rule, *key)
    except StorageError as trouble:
        log.warning("The limits' Redis cannot be reached: %s", trouble)


def _seconds_left(rule: str, key: tuple[str, ...]) -> int:
    counters = _counters()
    try:
        stats = counters.shared.get_window_stats(RULES[rule], rule, *key)
    except StorageError:
        stats = counters.own.get_window_stats(RULES[rule], rule, *key)
    return max(1, math.ceil(stats.reset_time - time.time()))


def _counters() -> Counters:
    found: Counters = current_app.extensions["helpdesk_limits"]
    return found
