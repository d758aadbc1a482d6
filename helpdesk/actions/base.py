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
    channel: ClassVar[str] = "desk"  # by which way its message came, where it did not arrive
    right: ClassVar[str | None] = None  # the right of a role (`may`) it asks for, beside `allow`
    for_staff: ClassVar[bool] = False  # no customer runs it, whatever the file says
    in_macro: ClassVar[bool] = True  # whether a macro may run it

    @property
    def inputs(self) -> tuple[Field, ...]:
        """Inputs the type always brings, before those that the YAML lists."""
        return ()

    @property
    def elsewhere(self) -> str | None:
        """The workflow its `to` names states of, where that is another one."""
        return None

    def run(self, run: Run) -> None:
        """What this type does with the run's values. Writes rows, speaks to nobody outside. Most types add nothing."""

    def arrived(self, run: Run) -> None:
        """The ticket has come to a state of the workflow `elsewhere`."""
