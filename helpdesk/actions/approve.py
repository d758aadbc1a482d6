"""Consent, or refuse it: the run is the runner's vote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("approve")
@dataclass(frozen=True, kw_only=True)
class Approve(Action):
    """A vote in a state with `approve`, under a label and with questions of its own. Whoever may consent may run it."""

    icon: ClassVar[str] = "shield-check"
    speaks: ClassVar[str | None] = "internal"
    in_macro: ClassVar[bool] = False

    vote: Literal["accept", "reject"] = field(metadata={"help": "Which way the vote goes."})

    def run(self, run: Run) -> None:
        from helpdesk.actions import approving  # the database; reading a file needs none

        approving.vote(run, self.vote)
