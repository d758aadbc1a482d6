"""Leave a note for colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("comment")
@dataclass(frozen=True, kw_only=True)
class Comment(Action):
    """A note. Never shown to the customer, whatever else the file says (attack 40)."""

    icon: ClassVar[str] = "note"
    needs_message: ClassVar[bool] = True
    speaks: ClassVar[str | None] = "internal"
