"""Publishing a message of a side conversation: a public copy in the words of whoever publishes it (attack 39)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import desc, select

from helpdesk.actions import including
from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.tickets import in_order, merged
from helpdesk.tickets.models import Message
from helpdesk.tickets.side_conversations import SideConversation

OWN = ("published", "include_files")


def publish(run: Run) -> None:
    """Let the history say from where the run's message comes, and add the chosen files of the original: of the message
    that is named, else of the last answer. Raises Invalid for what is no message of a side conversation of this ticket.
    """
    values = run.values
    number = values.get("published")
    which = Message.author_kind == "other" if number is None else Message.id == number
    query = (
        select(Message.id, SideConversation.id, SideConversation.subject)
        .join(Message, Message.conversation_id == SideConversation.id)
        .where(which, Message.ticket_id.in_(merged.together(run.ticket)))
    )
    found = session().execute(query.order_by(desc(in_order.sorted_by(Message.id))).limit(1)).one_or_none()
    if found is None:
        raise Invalid({"published": "There is no such message in a side conversation of this ticket."})
    message_id, conversation_id, subject = found
    files = including.files(run.ticket, values.get("include_files") or (), of=message_id)
    run.data["published"] = {"message": message_id, "side": conversation_id, "subject": subject}
    run.values = replace(
        values,
        files=(*values.files, *files),
        noted={name: value for name, value in values.noted.items() if name not in OWN},
        fields={name: value for name, value in values.fields.items() if name not in OWN},
    )
