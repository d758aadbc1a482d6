"""Writing in a side conversation: beginning one, going on in one, ending one.

Its mails are made here and nowhere else. What they are made of holds the words and files that whoever writes chose, and
nothing of the ticket: no number, no name, no link, so that no template can tell a third party more (attack 39).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from helpdesk import clock
from helpdesk.actions import including
from helpdesk.actions.run import Cause, Following, Run
from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.people import find
from helpdesk.text import plain, templates
from helpdesk.tickets import identity, names, outbox, side_conversations
from helpdesk.tickets.events import Happened
from helpdesk.tickets.links import Thread
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.outbox import Recipient
from helpdesk.tickets.rich import Rich
from helpdesk.tickets.side_conversations import SideConversation, SideParticipant

ROLE = "side conversation"  # of its mails; no word of the file
CONVERSATION = "conversation"
OWN = (CONVERSATION, "side_subject", "include", "include_files", "closing")
SUBJECT = "{{ subject }}"
BODY = "{{ message }}{% if included %}\n\n{{ included }}{% endif %}"


def touched(ticket_id: int, values: Mapping[str, Any]) -> set[int]:
    """The tickets a run with these values writes to, if it is more than its own: a conversation belongs to the ticket
    it began on, which may be merged by now.
    """
    number = str(values.get(CONVERSATION) or "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return set()
    found = session().get(SideConversation, int(number))
    return {ticket_id, found.ticket_id} if found is not None else set()


def consult(run: Run, *, usually: Sequence[str]) -> None:
    """Write in a side conversation of the run's ticket, a new one if none is named; that begins with those who are
    `usually` asked. Raises Invalid.
    """
    values = run.values
    included = including.quote(run.ticket, values.get("include") or ())
    files = (*values.files, *including.files(run.ticket, values.get("include_files") or ()))
    speaks, closing = bool(values.message or files), bool(values.get("closing"))
    conversation = _going_on(run)
    if not speaks and (conversation is None or not closing):
        raise Invalid({"message": "Please write something, or add a file."}, code="required")
    begun = conversation is None
    if conversation is None:
        conversation = _new(run)
    to = _recipients(run, conversation, usually if begun else ()) if speaks else []
    conversation.closed_at = clock.now() if closing else None
    run.aside = conversation
    run.data["side"] = {
        "id": conversation.id,
        "subject": conversation.subject,
        "to": [each.address for each in to],
        **({"begun": True} if begun else {}),
        **({"closed": True} if closing else {}),
    }
    words = values.message
    run.values = replace(
        values,
        message=Rich(words.text, words.html, quoted=included.text),
        files=files,
        noted=_without(values.noted) | ({"recipients": tuple(each.address for each in to)} if to else {}),
        fields=_without(values.fields),
    )
    run.then.append(_sending(run, conversation, to, words, included))


def _without(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is left for the history and the texts of the file: what its own inputs held is told with the event."""
    return {name: value for name, value in values.items() if name not in OWN}


def _going_on(run: Run) -> SideConversation | None:
    """The conversation that the run names."""
    number = run.values.get(CONVERSATION)
    if number is None:
        return None
    found = side_conversations.of(run.ticket, number)
    if found is None:
        raise Invalid({CONVERSATION: "There is no such side conversation on this ticket."})
    return found


def _new(run: Run) -> SideConversation:
    subject = plain.line(run.values.get("side_subject") or run.ticket.subject, limit=300)
    begun = SideConversation(
        ticket_id=run.ticket.id, subject=subject or run.spec.label, action=run.spec.name, began_at=clock.now()
    )
    session().add(begun)
    session().flush()
    return begun


def _recipients(run: Run, conversation: SideConversation, usually: Sequence[str]) -> Sequence[SideParticipant]:
    """Whom it goes to: those who are named now, else whoever is in it or is `usually` asked. Raises Invalid."""
    named = run.values.get("recipients") or [each.address for each in side_conversations.present(conversation)]
    named = named or usually
    if not named:
        raise Invalid({"recipients": "Say to whom this goes."}, code="required")
    for address in named:
        if why := _not_to(run.ticket, address):
            raise Invalid({"recipients": why})
    return side_conversations.gather(conversation, named)


def _not_to(ticket: Ticket, address: str) -> str:
    """Why nothing can go to this address in a side conversation; empty if it can."""
    normal = find.normal(address)
    if any(each.kind == "email" and find.normal(each.value) == normal for each in ticket.requester.addresses):
        return f"{address} is the customer. What is said here must not reach them: reply to them instead."
    return f"{address} is an address of this desk." if identity.is_own(address) else ""


def _sending(
    run: Run, conversation: SideConversation, to: Sequence[SideParticipant], words: Rich, included: Rich
) -> Any:
    """What is done once the run has its event: the conversation stands there now, and the mails are queued."""

    def send(event: Happened, _cause: Cause) -> Following | None:
        conversation.last_event_id = event.id
        said = {"subject": conversation.subject, "message": words, "included": included or ""}
        known = templates.freeze({"company": names.of_company(), **said})
        for each in to:
            outbox.post(
                Recipient(each.address, None, ROLE),
                subject=SUBJECT,
                body=BODY,
                names=known,
                sender=identity.of_ticket(run.ticket).without_texts(),
                ticket=run.ticket,
                event_id=event.id,
                files=run.values.files,
                aside=Thread.aside(conversation.id, each.id),
            )
        return None

    return send
