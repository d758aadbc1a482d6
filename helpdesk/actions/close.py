"""End the work on a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("close")
@dataclass(frozen=True, kw_only=True)
class Close(Action):
    """Leads to a final state, with or without a word to the customer."""

    icon: ClassVar[str] = "check"
