"""A request that may be sent again: with the same `Idempotency-Key` it has one effect and gets the first one's outcome
(attack 96), and another request under that key is refused, as the IETF's draft of the header has it.

The doors keep the key as they keep a form's number; what was asked under it is kept here, in the same commit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import request

from helpdesk.api.bodies import BadBody
from helpdesk.api.declared import Given
from helpdesk.db import session, writing
from helpdesk.errors import Invalid
from helpdesk.tickets.models import Submission
from helpdesk.web import bearer, nonces
from helpdesk.web.gates import current_person

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
REUSED = "This Idempotency-Key was sent before, with another request. Send this one with a key of its own."


@dataclass(frozen=True)
class Once:
    """`key`: as the doors keep it, bound to the token, its person and the address; None where the program sent none."""

    key: str | None
    asked: str

    def before(self) -> Submission | None:
        """The same request, done already. Raises Invalid for another one under this key."""
        sent = session().get(Submission, self.key) if self.key else None
        if sent is not None and sent.asked not in (None, self.asked):
            raise Invalid({HEADER: REUSED}, code="reused")
        return sent

    @contextmanager
    def committed(self) -> Iterator[None]:
        """One commit with what is done inside, which the door notes under the key. Raises as `before`: somebody may
        have used the key at this very moment.
        """
        with writing():
            yield
            if (sent := self.before()) is not None:
                sent.asked = self.asked


def of(given: Given) -> Once:
    """This request. Raises BadBody for a key that is too long."""
    sent = request.headers.get(HEADER, "").strip()
    if len(sent) > LONGEST_KEY:
        raise BadBody(f"An {HEADER} has at most {LONGEST_KEY} characters.")
    token = bearer.current()
    key = nonces.bound(sent, "api", current_person().id, token.id if token else None, request.path)
    asked = json.dumps(dict(given.values), sort_keys=True)
    return Once(key, hashlib.sha256(asked.encode()).hexdigest())
