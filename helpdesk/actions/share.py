"""Let somebody read along in copy, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("share")
@dataclass(frozen=True, kw_only=True)
class Share(Action):
    """Makes people participants of the ticket, who get a copy of what the house writes publicly from then on and may
    answer; or takes them out again. Nobody is told what was said before (attack 23).
    """

    icon: ClassVar[str] = "user-plus"
    in_macro: ClassVar[bool] = False
    for_staff: ClassVar[bool] = True

    @property
    def inputs(self) -> tuple[Field, ...]:
        later = "They get what is written to the customer from now on, and nothing of what was said before."
        return (
            Field(name="add", type="recipients", label="Add in copy", help=later, keep="action"),
            Field(name="remove", type="recipients", label="Take out", keep="action"),
        )

    def run(self, run: Run) -> None:
        from helpdesk.actions import copies  # knows the rows; this class is read by checks that open no database

        copies.share(run)
