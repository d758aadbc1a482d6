"""What the customer says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("customer_message")
@dataclass(frozen=True, kw_only=True)
class CustomerMessage(Action):
    """A message of the customer. Run by `on_message` when mail comes in, and by the cabinet's reply box."""

    icon: ClassVar[str] = "message"
    needs_message: ClassVar[bool] = True
    speaks: ClassVar[str | None] = "public"
