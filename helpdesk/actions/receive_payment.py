"""Note that money came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from helpdesk.actions.base import Action
from helpdesk.errors import Invalid
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field

if TYPE_CHECKING:
    from helpdesk.actions.run import Run

METHODS = {"cash": "Cash", "card": "Card", "transfer": "Bank transfer"}


@actions.register("receive_payment")
@dataclass(frozen=True, kw_only=True)
class ReceivePayment(Action):
    """A line of the ticket's payment ledger: amount, method, reference, who and when. Only ever added to."""

    icon: ClassVar[str] = "coins"

    methods: Mapping[str, str] = field(
        default_factory=lambda: METHODS, metadata={"help": "Value and label of each way to pay."}
    )

    @property
    def inputs(self) -> tuple[Field, ...]:
        return (
            Field(name="amount", type="money", label="Amount", required=True, min="0.01", keep="action"),
            Field(name="method", type="choice", label="Method", required=True, choices=self.methods, keep="action"),
            Field(name="reference", type="text", label="Reference", max="200", keep="action"),
        )

    def run(self, run: Run) -> None:
        if run.values["amount"] <= 0:  # whatever least amount the file names
            raise Invalid({"amount": "An amount is more than nothing."})
        run.pay(amount=run.values["amount"], method=run.values["method"], reference=run.values.get("reference") or "")
