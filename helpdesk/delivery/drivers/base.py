"""What drivers are. `delivery.sms` and `delivery.payments` call them; what goes wrong is one of `delivery.failures`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpdesk.tickets.models import Delivery


@dataclass(frozen=True, kw_only=True)
class SmsDriver(ABC):
    """Parent of all who send text messages."""

    @abstractmethod
    def send(self, number: str, body: str, *, id: str) -> Callable[[Delivery], None] | None:
        """Hand over one message. `number` is +372…, `id` the same on each try.

        May give a function that writes what it did, in the transaction that says it is sent. Raises NotNow or Never.
        """


@dataclass(frozen=True, kw_only=True)
class PaymentDriver(ABC):
    """Parent of all through whom customers pay."""

    make_believe: ClassVar[bool] = False  # a press of the button pays, and no money moves
    method: ClassVar[str] = "card"  # how payments come in, where the action's `methods` have it

    @abstractmethod
    def secret(self) -> str:
        """What the provider signs its notices with. Raises NotPossible where it is not set."""
