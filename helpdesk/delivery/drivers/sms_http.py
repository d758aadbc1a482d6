"""Text messages through whoever takes them over HTTP: a gateway of your own, or a few lines in front of a provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helpdesk.delivery.drivers.base import SmsDriver
from helpdesk.delivery.failures import Never, NotNow
from helpdesk.workflows.kinds import sms_drivers
from helpdesk.workflows.schema.base import Secret, WebhookUrl

if TYPE_CHECKING:
    from helpdesk.tickets.models import Delivery

LATER = (401, 403, 408, 425, 429)  # refusals that somebody can mend, or that pass


@sms_drivers.register("http")
@dataclass(frozen=True, kw_only=True)
class HttpSms(SmsDriver):
    """`POST` of `{id, to, text}` as JSON; any 2xx is a yes. `id` is the same on each try."""

    url: WebhookUrl = field(metadata={"help": "Where messages are handed over; best as `${env:NAME}`."})
    token: Secret | None = field(default=None, metadata={"help": "Sent as `Authorization: Bearer …`."})

    def send(self, number: str, body: str, *, id: str) -> Callable[[Delivery], None] | None:
        from helpdesk.delivery import http
        from helpdesk.errors import NotPossible
        from helpdesk.workflows.secrets import reveal

        try:
            bearer = {"Authorization": f"Bearer {reveal(self.token)}"} if self.token else {}
            headers = {"Content-Type": "application/json", "Idempotency-Key": id, **bearer}
            letter = json.dumps({"id": id, "to": number, "text": body}, ensure_ascii=False).encode()
            status = http.post(reveal(self.url), body=letter, headers=headers)
        except (NotPossible, http.Away, http.Forbidden) as problem:
            raise NotNow(problem.sentence) from problem
        if 200 <= status < 300:
            return None
        if 400 <= status < 500 and status not in LATER:
            raise Never(f"The gateway answered {status}.")
        raise NotNow(f"The gateway answered {status}.")
