"""A ticket that begins as a part of another: opened by this door like any other, with copies of what was said there.

Called by the action `split`. The copies are rows of their own that name their originals; who may read them is what was
decided for these.
"""

from __future__ import annotations

from dataclasses import asdict

from helpdesk.actions import after, asking, promises
from helpdesk.actions.holding import hold
from helpdesk.actions.run import Cause
from helpdesk.actions.splitting import Part, opens
from helpdesk.db import insert, insert_all, insert_new
from helpdesk.intake.opening import begin, new_row
from helpdesk.tickets import events, search, unread
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.rich import Upload
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Assign


@opens
def open_part(part: Part) -> Ticket:
    """The new ticket, in the workflow of the one it came from, with whoever has that one."""
    origin = part.origin
    workflow = revisions.active().desk.workflows[origin.workflow]
    ticket = new_row(
        workflow,
        subject=part.subject,
        requester=part.requester,
        source=origin.source,
        channel=origin.channel,
        language=origin.language,
        requester_verified=origin.requester_verified and part.requester.id == origin.requester_id,
        split_from_id=origin.id,
    )
    ticket.assignee, ticket.assignee_id, ticket.group = origin.assignee, origin.assignee_id, origin.group
    after.give(ticket, Assign())  # as it is, if they see it where new ones begin
    insert_new(ticket)
    hold(ticket)
    event = events.append(
        ticket,
        kind="opened",
        actor=part.by,
        to_state=ticket.state,
        for_customer=True,
        data={"label": "Opened", "source": ticket.source, "split_from": origin.ref},
        touches=False,
    )
    for message in part.messages:
        _copy(message, ticket, event.id, opening=message is part.messages[0])
    cause = Cause(opening=True, staff=part.by.kind == "staff", person_id=part.by.person_id)
    after.set_timers(ticket, workflow.states[ticket.state], is_new=True)
    promises.begin(ticket)
    asking.arrived(ticket, None, event, cause)
    unread.mark(ticket, except_for=part.by.person_id, is_new=True)
    begin(ticket, cause)
    return ticket


def _copy(message: Message, ticket: Ticket, event_id: int, *, opening: bool) -> None:
    """The message once more, without the Message-ID it came by: an answer to that goes where it went before."""
    own = message.author_id == ticket.requester_id  # their own words are theirs to read
    files = [
        Upload(**{name: getattr(each, name) for name in Upload.__dataclass_fields__}) for each in message.attachments
    ]
    message_id = insert(
        Message,
        ticket_id=ticket.id,
        event_id=event_id,
        author_id=message.author_id,
        author_kind="customer" if own else message.author_kind,
        audience="public" if own else message.audience,
        channel=message.channel,
        text=message.text,
        html=message.html,
        quoted=message.quoted,
        inbound_id=message.inbound_id,
        warnings=message.warnings,
        copied_from_id=message.id,
        created_at=message.created_at,
    )
    insert_all(Attachment, [{"message_id": message_id, **asdict(each)} for each in files])
    names = [each.filename for each in files]
    search.index_message(ticket, message_id, text=message.text, files=names, opening=opening)
