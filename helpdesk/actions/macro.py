"""Several actions as one button."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema.base import ActionName

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("macro")
@dataclass(frozen=True, kw_only=True)
class Macro(Action):
    """Runs other actions of its workflow in order: all of them, or none. It asks what they ask, each thing once.

    Whoever runs it needs the right to each of them; the automatic ones among them the desk runs itself.
    """

    icon: ClassVar[str] = "zap"
    in_macro: ClassVar[bool] = False

    run_: tuple[ActionName, ...] = field(metadata={"help": "The actions it runs, in order."})

    def run(self, run: Run) -> None:
        from helpdesk.actions.door import perform  # the door knows the actions, they know it only when they run
        from helpdesk.tickets import fields
        from helpdesk.tickets.actors import SYSTEM
        from helpdesk.workflows import revisions

        known = revisions.active().desk.workflows[run.ticket.workflow].actions
        cause = replace(run.cause, macro=True)
        for name in self.run_:
            asked = {each.name for each in known[name].fields}
            its_own = {each: value for each, value in run.raw.items() if each in asked}
            actor = SYSTEM if known[name].automatic else run.actor
            perform(run.ticket.id, name, actor, its_own, cause=cause, depth=run.depth + 1)
        asked_by_them = {each.name for name in self.run_ for each in known[name].fields}
        run.values = run.values.without(asked_by_them, held=fields.held(run.ticket))  # that stands with their runs
