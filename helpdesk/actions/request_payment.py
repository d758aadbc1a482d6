"""Ask the customer for money."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from helpdesk.actions.base import Action
from helpdesk.errors import Invalid
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema.base import Expression

if TYPE_CHECKING:
    from helpdesk.actions.run import Run

MOST = Decimal(10) ** 12
NOTHING = "There is no amount above 0 to ask for, so nothing was asked."


@actions.register("request_payment")
@dataclass(frozen=True, kw_only=True)
class RequestPayment(Action):
    """An amount the customer is asked to pay, in the company's currency. It replaces what was asked before."""

    icon: ClassVar[str] = "coins"

    amount: Expression = field(metadata={"help": "What is to be paid, such as `fields.price`."})

    def run(self, run: Run) -> None:
        from helpdesk.tickets import names
        from helpdesk.workflows import conditions

        known = names.of_ticket(
            run.ticket,
            actor=run.actor,
            fields=run.values.fields,
            action=run.spec,
            message=run.values.message,
            conditions=[self.amount],
        )
        run.ask(_amount(conditions.value(self.amount, known)))


def _amount(value: Any) -> Decimal:
    """The value as an amount above 0. Raises Invalid."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Invalid({"amount": NOTHING})
    amount = Decimal(value)
    if not amount.is_finite() or not 0 < amount < MOST:
        raise Invalid({"amount": NOTHING})
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if cents <= 0:
        raise Invalid({"amount": NOTHING})
    return cents
