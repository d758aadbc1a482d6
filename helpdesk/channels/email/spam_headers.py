"""What a mail server wrote about spam into the head of a mail: Rspamd's and SpamAssassin's headers.

Only what stands above the second `Received` counts: below that anybody can have written it. Called by `parse`, in the
child.
"""

from __future__ import annotations

import re

from helpdesk.channels.email.headers import Headers, text

NAMES = ("x-spam", "x-spam-flag", "x-spam-status", "x-spamd-result")
_YES = re.compile(r"\s*yes\b", re.IGNORECASE)
_RSPAMD = re.compile(r"\s*[^\s:;]{1,60}:\s*true\b", re.IGNORECASE)


def of_the_last_hop(head: Headers) -> tuple[str, ...]:
    """What the server that handed us the mail wrote about spam: `name: value`, the first of each name."""
    said: dict[str, str] = {}
    hops = 0
    for name, value in head.items:
        hops += name == "received"
        if hops > 1:
            break
        if name in NAMES:
            said.setdefault(name, text(value)[:200])
    return tuple(f"{name}: {value}" for name, value in said.items())


def says_spam(headers: tuple[str, ...]) -> str:
    """The header that calls it spam; empty if none does."""
    for each in headers:
        name, _, value = each.partition(":")
        if (_RSPAMD if name == "x-spamd-result" else _YES).match(value):
            return each
    return ""
