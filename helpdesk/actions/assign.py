"""Change who has the ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("assign")
@dataclass(frozen=True, kw_only=True)
class Assign(Action):
    """Only the assignment, as the action's `assign` says."""

    icon: ClassVar[str] = "user"
