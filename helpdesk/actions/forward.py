"""Pass the ticket to somebody who knows better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("forward")
@dataclass(frozen=True, kw_only=True)
class Forward(Action):
    """Hands the ticket on: `assign` says to whom, the message says why. The message stays in the house."""

    icon: ClassVar[str] = "forward"
    speaks: ClassVar[str | None] = "internal"
