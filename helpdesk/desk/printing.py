"""A ticket on paper: all of its story, from the beginning, as this member of the staff may read it.

The page is written while it is sent, a part of the story at a time, each loaded through the reader anew: a ticket of
thousands of messages takes no more memory than one of fifty. What is too rich for the ticket's page stands here
without a frame, cleaned by the same sanitiser; its pictures are files of this ticket or they are not there (attack 19).
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import load_only, selectinload

from helpdesk.db import session
from helpdesk.desk import side_conversations, story, words
from helpdesk.desk.blueprint import bp
from helpdesk.desk.entries import Entry, entries
from helpdesk.desk.in_copy import in_copy
from helpdesk.desk.known import beside, properties
from helpdesk.desk.ticket import load
from helpdesk.people.models import Person
from helpdesk.text import html as markup
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.web import paper
from helpdesk.web.gates import current_person, for_staff
from helpdesk.web.paper import Part

ON_PAPER = ("in", "out", "note", "side", "event", "payment")  # what became of each mail is for the screen


@bp.get("/tickets/<ref>/print", endpoint="printed")
@for_staff
def printed(ref: str) -> Response:
    """The page for paper."""
    person = current_person()
    person_id, ticket = person.id, load(person, ref)
    return paper.page(
        "desk/print.html", person, ticket=_head(person, ticket), read=lambda after: _part(person_id, ref, after)
    )


def _head(person: Person, ticket: Ticket) -> Entry:
    """What stands above the story, as plain data."""
    known = properties(person, ticket, beside(person, ticket))
    copied = in_copy(person, ticket) or {}
    asker = ticket.requester
    return {
        "ref": ticket.ref,
        "url": url_for("desk.ticket_page", ref=ticket.ref),
        "subject": ticket.subject,
        "state": words.state(ticket.workflow, ticket.state)["label"],
        "requester": {"name": asker.shown_name, "email": asker.email, "phone": asker.phone},
        "company": asker.company.name if asker.company else "",
        "assignee": ticket.assignee.shown_name if ticket.assignee else "",
        "group": words.group(ticket.group),
        "in_copy": [each["address"] for each in copied.get("present", ())],
        "fields": [each for each in known["fields"] if each["value"] not in ("", None)],
        "payments": known["payments"],
        "tags": known["tags"],
        "created_at": ticket.created_at,
        "activity_at": ticket.activity_at,
    }


def _part(person_id: int, ref: str, after: int) -> Part:
    person = session().get_one(Person, person_id)
    ticket = load(person, ref)
    chapter = story.onward(ticket, after=after)
    if not chapter.events:
        return [], None
    cards = side_conversations.cards(person, ticket, chapter)
    told = [each for each in entries(ticket, chapter, cards=cards) if each["kind"] in ON_PAPER]
    _put_words(ticket, [each for one in told for each in (one, *one.get("messages", ()))])
    return told, chapter.events[-1].id


def _put_words(ticket: Ticket, told: Sequence[Entry]) -> None:
    """What stands in a frame of its own on the ticket's page gets its words: of these messages alone, all at once."""
    framed = {each["id"]: each for each in told if each.get("html_url")}
    if not framed:
        return
    pictures = selectinload(Message.attachments).load_only(Attachment.content_id)
    asked = select(Message).where(Message.id.in_(framed)).options(load_only(Message.html), pictures)
    for message in session().scalars(asked):
        framed[message.id]["html"] = _words(ticket, message)


def _words(ticket: Ticket, message: Message) -> Markup:
    inside = {
        each.content_id.strip("<>"): url_for("desk.attachment", ref=ticket.ref, attachment_id=each.id)
        for each in message.attachments
        if each.content_id
    }
    return Markup(markup.resolve(message.html, cids=inside))  # noqa: S704 - the sanitiser's last word
