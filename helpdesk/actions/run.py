"""One run of one action: what the class works with, and what the door writes afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from helpdesk.tickets.actors import Actor
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.payments import Payment
from helpdesk.tickets.side_conversations import SideConversation
from helpdesk.tickets.values import Values
from helpdesk.workflows import revisions
from helpdesk.workflows.field_types import Money
from helpdesk.workflows.schema import Action


@dataclass(frozen=True)
class Cause:
    """What set a run off, handed on along the chain of automatic actions that follows from it.

    `message`: a message that arrived, which brings its channel, its mail and its warnings. `staff`: somebody of the
    house, so that what the desk then writes to the customer was asked for.
    """

    message: bool = False
    staff: bool = False
    channel: str = ""
    rfc_id: str | None = None
    inbound_id: int | None = None
    said: str | None = None  # the words of a mail that arrived: what an automatic mail would answer
    warnings: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()  # who has it already, as the message that arrived says
    automatic: bool = False  # a robot sent it, so no robot of ours answers
    opening: bool = False  # the ticket is being opened, so what the desk sends is no answer yet
    macro: bool = False  # a macro runs it: the button was the macro's, the right must be its own
    person_id: int | None = None  # whose run or message it was, handed on along the chain
    told: Mapping[str, Any] = field(default_factory=dict)  # what the history says of the next run alone; not handed on


@dataclass(frozen=True)
class Following:
    """An action that the desk is to run now, and what becomes of it where it is refused."""

    action: str
    cause: Cause
    refused: Callable[[], None]


@dataclass
class Run:
    """`data` becomes the event's; `payments` and what it `asks` get their event when it is written (events are never
    changed).

    `raw`, `cause` and `depth` are what the door was given, for a type that runs others.
    """

    ticket: Ticket
    spec: Action
    actor: Actor
    values: Values
    data: dict[str, Any] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    asks: Money | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    cause: Cause = field(default_factory=Cause)
    depth: int = 0
    aside: SideConversation | None = None  # its message is said there, on the ticket the conversation belongs to
    then: list[Callable[[Happened, Cause], Following | None]] = field(default_factory=list)  # once it has its event

    def pay(self, *, amount: Decimal, method: str, reference: str) -> None:
        """Add a line to the ticket's payment ledger."""
        currency = revisions.active().desk.company.currency
        self.payments.append(
            Payment(
                ticket_id=self.ticket.id,
                amount=amount,
                currency=currency,
                method=method,
                reference=reference,
                received_by_id=self.actor.person_id,
            )
        )

    def ask(self, amount: Decimal) -> None:
        """Ask the customer for this amount instead of whatever was asked before."""
        self.asks = Money(amount, revisions.active().desk.company.currency)
        self.data["asked"] = str(self.asks)

    @property
    def audience(self) -> str:
        """Who may read this run's message: the customer too, or only the house. Decided here and nowhere else (attack
        40).
        """
        fixed = self.spec.options.speaks
        if fixed is not None:
            return str(fixed)
        spoken_by_customer = self.actor.kind == "customer"
        return "public" if spoken_by_customer or self.spec.customer in ("see", "run") else "internal"

    @property
    def for_customer(self) -> bool:
        """Whether the customer may see that this action was run."""
        return self.actor.kind == "customer" or self.spec.customer in ("see", "run")
