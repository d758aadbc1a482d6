"""The customer says how good it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field

if TYPE_CHECKING:
    from helpdesk.actions.run import Run

INPUT = "rating"
THUMBS: Mapping[str, str] = {"up": "Good", "down": "Not good"}


@actions.register("rate")
@dataclass(frozen=True, kw_only=True)
class Rate(Action):
    """A rating: in the history always, and on the ticket where its workflow carries a field called `rating`."""

    icon: ClassVar[str] = "star"

    scale: Literal["stars", "thumbs"] = field(
        default="stars", metadata={"help": "`stars`: 1 to 5; `thumbs`: `up` or `down`."}
    )

    @property
    def inputs(self) -> tuple[Field, ...]:
        asked = Field(name=INPUT, type="rating", label="Rating", required=True, keep="action")
        return (asked if self.scale == "stars" else replace(asked, type="choice", choices=THUMBS),)

    def run(self, run: Run) -> None:
        from helpdesk.workflows import revisions  # the database; reading a file needs none

        if INPUT in revisions.active().desk.workflows[run.ticket.workflow].fields:
            run.values = replace(run.values, kept={**run.values.kept, INPUT: run.values[INPUT]})
