"""The twin of a payment provider: a page where pressing a button pays, and no money moves anywhere."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import ClassVar

from helpdesk.delivery.drivers.base import PaymentDriver
from helpdesk.workflows.kinds import payment_drivers


@payment_drivers.register("local")
@dataclass(frozen=True, kw_only=True)
class LocalPayments(PaymentDriver):
    """Make-believe, in the demo and in development only."""

    make_believe: ClassVar[bool] = True

    def secret(self) -> str:
        """Made of the desk's own key, so nobody needs to set one."""
        from helpdesk.settings import current

        return hmac.new(current().signing_key.encode(), b"payments:local", hashlib.sha256).hexdigest()
