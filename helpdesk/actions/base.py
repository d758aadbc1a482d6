"""What an action class is. The fields of the dataclass are its options in the YAML; `run` is what it does beyond the
common.

The door does what every action has in common: guards, values, branch, state, assignment, history, timers, e-mails.
Light to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from helpdesk.actions.run import Run
    from helpdesk.workflows.schema import Field


@dataclass(frozen=True, kw_only=True)
class Action:
    """Parent of all action types."""

    icon: ClassVar[str] = "bolt"
    needs_message: ClassVar[bool] = False  # makes no sense without a message or files
    speaks: ClassVar[str | None] = None  # public | internal; None = public where the customer may see the action

    @property
    def inputs(self) -> tuple[Field, ...]:
        """Inputs the type always brings, before those that the YAML lists."""
        return ()

    def run(self, run: Run) -> None:
        """What this type does with the run's values. Writes rows, speaks to nobody outside. Most types add nothing."""
