"""Show the customer what somebody outside answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("publish")
@dataclass(frozen=True, kw_only=True)
class Publish(Action):
    """A public message made of one of a side conversation, as whoever publishes it wrote it; the original stays where
    it is. The only way from there to the customer, and never by itself (attack 39).
    """

    icon: ClassVar[str] = "globe"
    needs_message: ClassVar[bool] = True
    speaks: ClassVar[str | None] = "public"
    in_macro: ClassVar[bool] = False
    for_staff: ClassVar[bool] = True

    @property
    def inputs(self) -> tuple[Field, ...]:
        return (
            Field(name="published", type="side_message", label="What is published", keep="action"),
            Field(name="include_files", type="attachments", label="Files of it", keep="action"),
        )

    def run(self, run: Run) -> None:
        from helpdesk.actions import publishing  # as for consulting

        publishing.publish(run)
