"""Answer the customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("reply")
@dataclass(frozen=True, kw_only=True)
class Reply(Action):
    """A message to the customer, whatever the action's `customer` says: that is what replying is."""

    icon: ClassVar[str] = "reply"
    needs_message: ClassVar[bool] = True
    speaks: ClassVar[str | None] = "public"
