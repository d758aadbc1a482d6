"""Say that a request is spam, and that more of the kind is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("spam")
@dataclass(frozen=True, kw_only=True)
class Spam(Action):
    """Puts its sender on the block list; `to` says where the ticket goes. No row is removed."""

    icon: ClassVar[str] = "ban"
    for_staff: ClassVar[bool] = True

    block: Literal["address", "domain", "none"] = field(
        default="address", metadata={"help": "Whose mail is spam from now on: the address, its domain, or nobody's."}
    )

    def run(self, run: Run) -> None:
        from helpdesk.actions import blocking  # knows the rows; this class is read by checks that open no database

        blocking.learn(run, self.block)
