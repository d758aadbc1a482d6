"""Ask somebody outside, in a conversation of its own beside the customer's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field
from helpdesk.workflows.schema.base import ActionName, MailAddress

if TYPE_CHECKING:
    from helpdesk.actions.run import Run


@actions.register("consult")
@dataclass(frozen=True, kw_only=True)
class Consult(Action):
    """A side conversation with third parties: its own recipients, subject and thread. What they answer is filed there,
    and never shown to the customer (attack 39). The same action writes on in it, and ends it.
    """

    icon: ClassVar[str] = "users"
    speaks: ClassVar[str | None] = "internal"
    in_macro: ClassVar[bool] = False
    for_staff: ClassVar[bool] = True

    addresses: tuple[MailAddress, ...] = field(
        default=(), metadata={"help": "Whom it usually asks; a new conversation begins with them."}
    )
    answered: ActionName | None = field(
        default=None, metadata={"help": "The automatic action that runs when an answer comes."}
    )

    @property
    def inputs(self) -> tuple[Field, ...]:
        to = "Each gets a mail of their own and answers by mail. They see nothing else of the ticket."
        messages = "They stand below what you write."
        return (
            Field(name="conversation", type="side_conversation", label="Side conversation", keep="action"),
            Field(name="recipients", type="recipients", label="To", help=to, keep="action"),
            Field(name="side_subject", type="text", label="Subject", max="300", keep="action"),
            Field(name="include", type="messages", label="Messages to include", help=messages, keep="action"),
            Field(name="include_files", type="attachments", label="Files to include", keep="action"),
            Field(name="closing", type="checkbox", label="This ends the conversation", keep="action"),
        )

    def run(self, run: Run) -> None:
        from helpdesk.actions import consulting  # knows the rows; this class is read by checks that open no database

        consulting.consult(run, usually=self.addresses)
