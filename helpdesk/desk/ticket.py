"""The ticket page, and the piece of it that is fetched when the ticket's bell rings."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload, lazyload, load_only

from helpdesk.desk import side_conversations, story, unsent, words
from helpdesk.desk.beyond import linked
from helpdesk.desk.blueprint import bp
from helpdesk.desk.buttons import buttons
from helpdesk.desk.consent import consent
from helpdesk.desk.entries import day_of, entries, outcomes_of
from helpdesk.desk.frame import list_url
from helpdesk.desk.in_copy import in_copy
from helpdesk.desk.known import beside, properties
from helpdesk.desk.promised import due_mark
from helpdesk.errors import NotFound
from helpdesk.people import reach
from helpdesk.people.models import Person
from helpdesk.tickets import filters, policy
from helpdesk.tickets.filters import OPEN
from helpdesk.tickets.models import Ticket
from helpdesk.web import nonces
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_staff
from helpdesk.web.readable import number, parts_of
from helpdesk.workflows import revisions

WITHOUT_RIGHTS = (lazyload(Person.role_rows), lazyload(Person.membership_rows))
BRIEFLY = load_only(Ticket.ref, Ticket.workflow, Ticket.state, Ticket.subject)
WHOLE = (
    joinedload(Ticket.requester).options(joinedload(Person.addresses), *WITHOUT_RIGHTS),
    joinedload(Ticket.assignee).options(joinedload(Person.addresses), *WITHOUT_RIGHTS),
    joinedload(Ticket.tags),
    joinedload(Ticket.merged).options(BRIEFLY),
    joinedload(Ticket.survivor).options(BRIEFLY),
    joinedload(Ticket.origin).options(BRIEFLY),
)


@bp.get("/tickets/<ref>")
@for_staff
def ticket_page(ref: str) -> ResponseReturnValue:
    """The ticket with its story; beside it, where there is room, the list it was opened from."""
    person = current_person()
    return show(person, load(person, ref))


@bp.get("/tickets/<ref>/timeline")
@for_staff
def timeline(ref: str) -> ResponseReturnValue:
    """What is new since the event `after`, and all around it that may have changed; or the part before `before`."""
    person = current_person()
    ticket = load(person, ref)
    before, after = request.args.get("before", type=number), request.args.get("after", type=number)
    if before is not None:
        return _before(person, ticket, before)
    chapter = story.read(ticket, after=after or 0)
    shown = _around(person, ticket)
    shown["ticket"]["live_url"] = _live(ticket, chapter, after or 0)
    cards = side_conversations.cards(person, ticket, chapter)
    new = {event: card for event, card in cards.items() if side_conversations.first_seen(chapter, card)}
    asides = [card for event, card in cards.items() if event not in new]
    mails = [{"event": event, "deliveries": outcomes_of(rows)} for event, rows in story.outcomes(ticket).items()]
    told = entries(ticket, chapter, cards=new, fresh=True)
    return render_template("desk/_live.html", timeline=told, mails=mails, asides=asides, **shown)


def _before(person: Person, ticket: Ticket, before: int) -> ResponseReturnValue:
    """The part of the story before an event. It ends on the day `day` where the part that stands below begins: the
    line of that day moves up to where the day begins now. Without the page's script it is a page of its own.
    """
    if not is_fragment():
        return redirect(url_for("desk.ticket_page", ref=ticket.ref, before=before), 303)
    chapter = story.read(ticket, before=before)
    below = request.args.get("day", "")
    moved = below if chapter.events and day_of(chapter.events[-1]) == below else None
    told = entries(ticket, chapter, cards=side_conversations.cards(person, ticket, chapter))
    shown = {"timeline": told, "older_url": _older(ticket, chapter), "moved_day": moved}
    return render_template("desk/_older.html", **shown)


def load(person: Person, ref: str) -> Ticket:
    """The ticket with its people and tags, through the person who asks. Raises NotFound."""
    return policy.find(person, ref, options=WHOLE)


def show(
    person: Person, ticket: Ticket, *, composer: dict[str, Any] | None = None, status: int = 200
) -> ResponseReturnValue:
    """The ticket as a page, or for the page's script the ticket alone; with the form of an action, if one is open."""
    chapter = story.read(ticket, before=request.args.get("before", type=number))
    shown = _around(person, ticket, current=composer["action"]["name"] if composer else None)
    shown["ticket"]["live_url"] = _live(ticket, chapter, 0)
    told = entries(ticket, chapter, cards=side_conversations.cards(person, ticket, chapter))
    shown |= {"timeline": told, "older_url": _older(ticket, chapter), "composer": composer}
    if is_fragment():
        return make_response(render_template("desk/_ticket.html", **shown), status)
    return make_response(render_template("desk/ticket.html", rows=None, **shown), status)


def _around(person: Person, ticket: Ticket, *, current: str | None = None) -> dict[str, Any]:
    """Everything but the story: the head with the way back, the buttons, and what is known."""
    found = beside(person, ticket)
    return {
        "ticket": _ticket(ticket, unread=bool(found["marks"])),
        "actions": buttons(person, ticket, current=current),
        "linked": linked(person, ticket),
        "properties": properties(person, ticket, found) | {"in_copy": in_copy(person, ticket)},
        "consent": consent(person, ticket),
        "waiting": unsent.shown(person, ticket, found["waits"]),
        "list": _list(person, ticket),
        "nonce": nonces.fresh(),
    }


def _ticket(ticket: Ticket, *, unread: bool) -> dict[str, Any]:
    asker = ticket.requester
    return {
        "ref": ticket.ref,
        "url": url_for("desk.ticket_page", ref=ticket.ref),
        "read_url": url_for("desk.read", ref=ticket.ref),
        "print_url": url_for("desk.printed", ref=ticket.ref),
        "why_url": url_for("desk.why", ref=ticket.ref),
        "follow_url": url_for("desk.follow", ref=ticket.ref),
        "room": f"ticket:{ticket.id}",
        "subject": ticket.subject,
        "version": ticket.version,
        "state": words.state(ticket.workflow, ticket.state),
        "requester": {
            "name": asker.shown_name,
            "email": asker.email,
            "phone": asker.phone,
            "lost": reach.lost(asker),
            "company": asker.company.name if asker.company else "",
            "url": url_for("desk.search", q=asker.email) if asker.email else None,
        },
        "assignee": {"name": ticket.assignee.shown_name} if ticket.assignee else None,
        "group": words.group(ticket.group),
        "source": _source(ticket),
        "created_at": ticket.created_at,
        "activity_at": ticket.activity_at,
        "due": due_mark(ticket),
        "unread": unread,
    }


def _source(ticket: Ticket) -> dict[str, str] | None:
    """By which way it came; a mailbox without a label goes by its address."""
    found = revisions.active().desk.sources.get(ticket.source)
    if found is None:
        return None
    label = found.label or getattr(found.options, "address", found.name)
    return {"label": label, "icon": "mail" if found.type == "email" else "clipboard-list"}


def _live(ticket: Ticket, chapter: story.Chapter, seen: int) -> str:
    """The address that tells what came after the last event shown."""
    last = chapter.events[-1].id if chapter.events else seen
    return url_for("desk.timeline", ref=ticket.ref, after=last)


def _older(ticket: Ticket, chapter: story.Chapter) -> str | None:
    if not chapter.older:
        return None
    return url_for("desk.timeline", ref=ticket.ref, before=chapter.older, day=day_of(chapter.events[0]))


def _list(person: Person, ticket: Ticket) -> dict[str, str]:
    """The list beside the ticket: the one it was opened from, else the open one. A fragment goes by its page."""
    page = parts_of(request.headers.get("HX-Current-URL", "")).query if is_fragment() else ""
    key = request.args.get("list") or parse_qs(page).get("list", [OPEN])[0]
    try:
        chosen = filters.find(person, key)
    except NotFound:
        chosen = filters.find(person, OPEN)
    g.list_key = chosen.key
    return {
        "title": words.name_of(chosen),
        "url": list_url(chosen.key),
        "rows_url": list_url(chosen.key, beside=ticket.ref),
    }
