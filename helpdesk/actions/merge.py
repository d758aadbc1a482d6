"""Merge a ticket into another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("merge")
@dataclass(frozen=True, kw_only=True)
class Merge(Action):
    """The ticket goes on as part of another one of the same requester: that shows its messages and gets its mail. Asks
    the right `merge`. Can be taken back.
    """

    icon: ClassVar[str] = "git-merge"
    right: ClassVar[str | None] = "merge"
    in_macro: ClassVar[bool] = False
    for_staff: ClassVar[bool] = True

    @property
    def inputs(self) -> tuple[Field, ...]:
        into = "The number of another ticket of the same requester."
        return (Field(name="into_ticket", type="ticket", label="Merge into", help=into, required=True, keep="action"),)

    def run(self, run: Run) -> None:
        from helpdesk.actions import merging  # knows the rows; this class is read by checks that open no database

        merging.merge(run)
