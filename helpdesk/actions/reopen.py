"""Take up a finished ticket again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("reopen")
@dataclass(frozen=True, kw_only=True)
class Reopen(Action):
    """Leads out of a final state."""

    icon: ClassVar[str] = "undo"
