"""Fill in the ticket's fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions


@actions.register("set_fields")
@dataclass(frozen=True, kw_only=True)
class SetFields(Action):
    """Stores the values of the fields it lists; the door keeps them."""

    icon: ClassVar[str] = "sliders"
