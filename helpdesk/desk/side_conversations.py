"""Side conversations at the desk: each a folded thread in the ticket's story, with the buttons to go on in it.

A ticket without any asks nothing more; one with some asks one question for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, bindparam, select

from helpdesk.desk.entries import Entry, file_of, outcomes_of, who, words_of
from helpdesk.desk.story import FILE, MAILS, SPOKEN, Chapter, ids
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Attachment, Delivery, Message, Ticket
from helpdesk.tickets.side_conversations import SideConversation, SideParticipant
from helpdesk.tickets.together import Together
from helpdesk.web.addresses import address
from helpdesk.workflows.schema import Action

BRIEF = 140  # characters of the last message that stand on the folded thread

_OF = SideConversation.ticket_id.in_(bindparam("tickets", type_=Integer, expanding=True))
_SHOWN = _OF & SideConversation.last_event_id.between(
    bindparam("first", type_=Integer), bindparam("last", type_=Integer)
)
_IN = select(SideConversation.id).where(_SHOWN)
THREADS = Together(
    conversations=select(
        SideConversation.id,
        SideConversation.subject,
        SideConversation.action,
        SideConversation.last_event_id,
        SideConversation.closed_at,
    ).where(_SHOWN),
    people=select(
        SideParticipant.id, SideParticipant.conversation_id, SideParticipant.address, SideParticipant.name
    ).where(SideParticipant.conversation_id.in_(_IN), SideParticipant.left_at.is_(None)),
    messages=select(*SPOKEN).outerjoin(Person, Person.id == Message.author_id).where(Message.conversation_id.in_(_IN)),
    files=select(*FILE).join(Message, Message.id == Attachment.message_id).where(Message.conversation_id.in_(_IN)),
    mails=MAILS.where(Delivery.conversation_id.in_(_IN)),
)


def cards(person: Person, ticket: Ticket, chapter: Chapter) -> dict[int, Entry]:
    """The side conversations that stand in this chapter, by the event each stands at: its last."""
    if not any("side" in event.data for event in chapter.events):
        return {}
    found = THREADS.ask(tickets=ids(ticket), first=chapter.events[0].id, last=chapter.events[-1].id)
    people, messages = _by("conversation_id", found["people"]), _by("conversation_id", found["messages"])
    hanging = _by("message_id", found["files"]), _by("event_id", found["mails"])
    offered = policy.actions_for(ticket, staff(person))
    return {
        each.last_event_id: _card(ticket, each, people[each.id], messages[each.id], hanging, offered)
        for each in found["conversations"]
    }


def first_seen(chapter: Chapter, card: Entry) -> bool:
    """Whether the conversation began in this chapter, so that no page can have it yet."""
    sides = (event.data.get("side") or {} for event in chapter.events)
    return any(side.get("id") == card["number"] and side.get("begun") for side in sides)


def _card(
    ticket: Ticket,
    conversation: Any,
    people: Sequence[Any],
    messages: Sequence[Any],
    hanging: tuple[Mapping[int, list[Any]], Mapping[int, list[Any]]],
    offered: Sequence[Action],
) -> Entry:
    consults = [spec for spec in offered if spec.type == "consult"]
    writes = next((spec for spec in consults if spec.name == conversation.action), next(iter(consults), None))
    publishes = next((spec for spec in offered if spec.type == "publish"), None)
    said = [_message(ticket, each, hanging, publishes) for each in messages]
    last = messages[-1] if messages else None
    return {
        "kind": "side",
        "number": conversation.id,
        "subject": conversation.subject,
        "closed": conversation.closed_at is not None,
        "with": [each.name or each.address for each in people],
        "who": _in_short([each.name or each.address for each in people]),
        "addresses": [each.address for each in people],
        "messages": said,
        "last": {
            "by": said[-1]["author"]["name"],
            "brief": " ".join(last.text.split())[:BRIEF],
            "at": last.created_at,
            "theirs": last.author_kind != "staff",
        }
        if last is not None
        else None,
        "reply": _button(ticket, writes, conversation=conversation.id) if writes else None,
        "close": {"url": address("desk.do", ref=ticket.ref, action=writes.name)}
        if writes and conversation.closed_at is None
        else None,
    }


def _in_short(names: Sequence[str]) -> str:
    """Whom one writes to, as a button has room for."""
    if len(names) <= 2:
        return ", ".join(names)
    return _("%(name)s and %(number)s others", name=names[0], number=len(names) - 1)


def _message(
    ticket: Ticket,
    message: Any,
    hanging: tuple[Mapping[int, list[Any]], Mapping[int, list[Any]]],
    publishes: Action | None,
) -> Entry:
    files, mails = hanging
    theirs = message.author_kind != "staff"
    return {
        "kind": "in" if theirs else "out",
        "id": message.id,
        "event": message.event_id,
        "author": {
            "name": who(message.author, message.author_id) or _("Somebody"),
            "email": message.address or "" if theirs else "",
        },
        "at": message.created_at,
        "to": [],
        "files": [file_of(ticket, each) for each in files[message.id] if not each.inline],
        "warnings": message.warnings,
        "original_url": address("desk.original", ref=ticket.ref, message_id=message.id) if message.inbound_id else None,
        "deliveries": outcomes_of(mails[message.event_id]),
        "publish": _button(ticket, publishes, published=message.id) if publishes and theirs else None,
        **words_of(ticket, message),
    }


def _button(ticket: Ticket, spec: Action, **given: int) -> dict[str, str]:
    return {"label": spec.label, "url": address("desk.do", ref=ticket.ref, action=spec.name, **given)}


def _by(column: str, rows: Sequence[Any]) -> defaultdict[int, list[Any]]:
    grouped: defaultdict[int, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=attrgetter("id")):
        grouped[getattr(row, column)].append(row)
    return grouped
