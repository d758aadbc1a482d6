"""The twin of a text message service: needs nobody, and what it is given can be read at /dev/mail in the demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk.delivery.drivers.base import SmsDriver
from helpdesk.workflows.kinds import sms_drivers

if TYPE_CHECKING:
    from helpdesk.tickets.models import Delivery


@sms_drivers.register("local")
@dataclass(frozen=True, kw_only=True)
class LocalSms(SmsDriver):
    """Keeps what would have been sent."""

    def send(self, number: str, body: str, *, id: str) -> Callable[[Delivery], None]:
        def caught(row: Delivery) -> None:
            from helpdesk.db import session
            from helpdesk.delivery.catcher import CaughtText

            session().add(CaughtText(delivery_id=row.id, recipient=number, body=body))

        return caught
