"""Give the ticket to another workflow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema.base import WorkflowName

if TYPE_CHECKING:
    from helpdesk.actions.run import Run
    from helpdesk.workflows.schema import Field


@actions.register("move")
@dataclass(frozen=True, kw_only=True)
class Move(Action):
    """The ticket goes on in another workflow: in the state its `to` names there, else where new tickets begin.

    Its name stays for life. Fields that the other workflow carries too come along; the others stay in the history.
    """

    icon: ClassVar[str] = "route"
    in_macro: ClassVar[bool] = False
    for_staff: ClassVar[bool] = True

    workflow: WorkflowName = field(metadata={"help": "The workflow it goes to; `to` names states of that one."})

    @property
    def elsewhere(self) -> str | None:
        return self.workflow

    def arrived(self, run: Run) -> None:
        from helpdesk.tickets import fields
        from helpdesk.workflows import revisions

        ticket, desk = run.ticket, revisions.active().desk
        before, held = desk.workflows[ticket.workflow], fields.held(ticket)
        ticket.workflow = self.workflow
        left = [name for name in held if not _carried(name, before.fields, desk.workflows[self.workflow].fields, held)]
        run.data["moved"] = {
            "from": before.label,
            "to": desk.workflows[self.workflow].label,
            "workflow": self.workflow,
            "left": [
                {"label": before.fields[name].label, "shown": fields.shown(before.fields[name], held[name])}
                for name in left
                if name in before.fields
            ],
        }
        fields.drop(ticket, left)


def _carried(name: str, before: Any, after: Any, held: Any) -> bool:
    """Whether the other workflow has this field and can hold its value."""
    old: Field | None = before.get(name)
    new: Field | None = after.get(name)
    if old is None or new is None or old.type != new.type:
        return False
    value = held[name]
    chosen = value if isinstance(value, tuple) else (value,)
    return not new.choices or all(each in new.choices for each in chosen)
