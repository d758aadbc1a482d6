"""Split messages off into a ticket of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("split")
@dataclass(frozen=True, kw_only=True)
class Split(Action):
    """Opens a new ticket with copies of the chosen messages; the originals stay where they are. Asks the right
    `create`. Can be taken back.
    """

    icon: ClassVar[str] = "copy"
    right: ClassVar[str | None] = "create"
    in_macro: ClassVar[bool] = False
    for_staff: ClassVar[bool] = True

    @property
    def inputs(self) -> tuple[Field, ...]:
        return (
            Field(name="messages", type="messages", label="Messages", required=True, keep="action"),
            Field(name="new_subject", type="text", label="Subject of the new ticket", max="300", keep="action"),
        )

    def run(self, run: Run) -> None:
        from helpdesk.actions import splitting  # as for merging

        splitting.split(run)
