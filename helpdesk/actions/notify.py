"""Send the action's e-mails and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("notify")
@dataclass(frozen=True, kw_only=True)
class Notify(Action):
    """A receipt, a reminder, an escalation: what it says stands under `emails`."""

    icon: ClassVar[str] = "bell"
