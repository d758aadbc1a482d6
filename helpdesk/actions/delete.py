"""Put a ticket away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("delete")
@dataclass(frozen=True, kw_only=True)
class Delete(Action):
    """Leads to a state where few look, such as a bin. No row is ever removed, and the way back is an action."""

    icon: ClassVar[str] = "trash"
