"""The entries of the timeline (macros/timeline.html), made from a chapter of the story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from flask import url_for
from flask_babel import format_date, to_user_timezone
from flask_babel import gettext as _
from markupsafe import Markup

from helpdesk.desk import words
from helpdesk.desk.story import Chapter
from helpdesk.text import html as markup
from helpdesk.tickets.models import Attachment, Event, Message, Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.kinds import actions as action_types

Entry = dict[str, Any]

LONG = 6_000  # characters of HTML from which a message is shown in a frame of its own
ICONS = {"opened": "inbox", "filed": "archive", "refused": "ban", "moved": "route", "stopped": "triangle-alert"}
OUTCOMES = {"sent": "delivered", "failed": "failed", "held": "failed"}


def entries(ticket: Ticket, chapter: Chapter, *, fresh: bool = False) -> list[Entry]:
    """The chapter as the timeline shows it, with a line between the days."""
    shown: list[Entry] = []
    day = None
    for event in chapter.events:
        today = to_user_timezone(event.at).date()
        if today != day and not fresh:
            shown.append({"kind": "day", "label": format_date(event.at, "full")})
            day = today
        shown += _of_event(ticket, event, chapter)
    return [{**each, "fresh": fresh} for each in shown]


def outcomes_of(mails: Sequence[Any]) -> list[Entry]:
    """What became of each mail."""
    return [
        {
            "kind": "delivery",
            "outcome": OUTCOMES.get(mail.status) or ("retrying" if mail.error else "waiting"),
            "to": mail.recipient,
            "at": mail.sent_at or mail.created_at,
            "says": mail.error if mail.status != "sent" else "",
        }
        for mail in mails
    ]


def _of_event(ticket: Ticket, event: Event, chapter: Chapter) -> Iterator[Entry]:
    messages = chapter.messages.get(event.id, ())
    mails = chapter.deliveries.get(event.id, ())
    payment = chapter.payments.get(event.id)
    by = _who(event.actor_id, chapter) or (_("The desk") if event.actor_kind == "system" else _("Somebody"))
    for message in messages:
        yield _message(ticket, message, event, mails, chapter)
    if payment is not None:
        method = event.data.get("method") or payment.method
        amount = f"{payment.amount:,.2f} {payment.currency}"
        yield {
            "kind": "payment",
            "amount": amount,
            "method": method,
            "reference": payment.reference,
            "by": by,
            "at": event.at,
        }
    given = _assigned(event.data.get("assigned"), by)
    says = _sentence(event, spoken=bool(messages) or payment is not None)
    if says and not (given and _only_assigns(event)):
        entered = event.to_state if event.to_state != event.from_state or event.kind == "opened" else None
        state = words.state(ticket.workflow, entered) if entered else None
        yield {
            "kind": "event",
            "by": by,
            "says": says,
            "also": given,
            "icon": _icon(event),
            "state": state,
            "at": event.at,
        }
    elif given:
        yield {"kind": "event", "by": by, "says": given, "icon": "user", "state": None, "at": event.at}
    if mails and not messages:
        yield {"kind": "mails", "event": event.id, "deliveries": outcomes_of(mails)}


def _message(ticket: Ticket, message: Message, event: Event, mails: Sequence[Any], chapter: Chapter) -> Entry:
    person = chapter.people.get(message.author_id or 0)
    from_house = message.author_kind == "staff"
    kind = "note" if message.audience == "internal" else "out" if from_house else "in"
    to = [mail.recipient for mail in mails if mail.role == "customer"]
    return {
        "kind": kind,
        "id": message.id,
        "event": event.id,
        "author": {
            "name": _who(message.author_id, chapter) or _("Somebody"),
            "email": person.value if person and not from_house else "",
        },
        "at": message.created_at,
        "to": to if kind == "out" else [],
        "how": {"label": _("entered at the desk")} if event.kind == "opened" and event.actor_kind == "staff" else None,
        "files": [_file(ticket, message, each) for each in message.attachments if not each.inline],
        "warnings": message.warnings,
        "original_url": _url("desk.original", ticket, message) if message.inbound_id else None,
        "given": [{"label": v["label"], "value": v["shown"]} for v in event.data.get("values") or [] if v["shown"]],
        "deliveries": outcomes_of(mails),
        **_words(ticket, message),
    }


def _words(ticket: Ticket, message: Message) -> Entry:
    """How the text is shown: plain, as simple HTML, or with its own look in a frame. What was cut is one click away."""
    rich = {"html_url": _url("desk.letter", ticket, message)}
    if not message.html:
        return {"text": message.text, "quoted": message.quoted}
    if message.quoted:
        return {"text": message.text, "quoted": message.quoted, "look_url": rich["html_url"]}
    if len(message.html) > LONG or "<table" in message.html or "<img" in message.html:
        return rich
    return {"html": _clean(message.html)}


@lru_cache(maxsize=512)
def _clean(html: str) -> Markup:
    """Cleaned once more on its way out, whenever it was stored (attack 1); once a process for each message."""
    return Markup(markup.clean(html))  # noqa: S704 - the sanitiser's word


def _sentence(event: Event, *, spoken: bool) -> str:
    """What was done, as a sentence without its subject; nothing where the message beside it says it all."""
    label = event.data.get("label") or event.action or ""
    if event.kind == "opened":
        return _("opened the ticket")
    if event.kind == "filed":
        return f"{_('This message was filed.')} {event.data.get('why') or ''}".strip()
    if event.kind == "refused":
        return _("“%(action)s” did not run: %(why)s", action=label, why=event.data.get("why") or "")
    if event.kind == "stopped":
        return event.data.get("why") or _("a chain of automatic actions was stopped")
    if event.kind == "ran" and spoken and event.from_state == event.to_state:
        return ""
    values = [] if spoken else [f"{v['label']} {v['shown'] or '–'}" for v in event.data.get("values") or []]
    return f"{label}: {', '.join(values)}" if values else label


def _only_assigns(event: Event) -> bool:
    """Whether the action's whole point was who has the ticket, so that its name adds nothing."""
    return event.from_state == event.to_state and not event.data.get("values") and _type(event) == "assign"


def _assigned(assigned: dict[str, Any] | None, by: str) -> str:
    if not assigned or "person" not in assigned:
        return ""
    person, group = assigned["person"], words.group(assigned["group"])
    if person and person == by:
        return _("took it")
    if person and group:
        return _("gave this to %(person)s of %(group)s", person=person, group=group)
    if person or group:
        return _("gave this to %(who)s", who=person or group)
    return _("gave this to nobody")


def _icon(event: Event) -> str:
    kind = _type(event)
    return icon_of(kind) if kind and event.kind == "ran" else ICONS.get(event.kind, "circle")


def _type(event: Event) -> str | None:
    """The type of the action that ran, if the file still has it."""
    named = event.action or ""
    workflows = revisions.active().desk.workflows.values()
    return next((w.actions[named].type for w in workflows if named in w.actions), None)


def icon_of(action_type: str) -> str:
    """The sign of an action's type."""
    kind = action_types.find(action_type)
    name = getattr(kind, "icon", "zap")
    return SIGNS.get(name, name)


SIGNS = {
    "bolt": "zap",
    "note": "sticky-note",
    "coins": "banknote",
    "sliders": "sliders-horizontal",
    "trash": "trash-2",
    "message": "message-square",
}


def _file(ticket: Ticket, message: Message, each: Attachment) -> Entry:
    url = url_for("desk.attachment", ref=ticket.ref, attachment_id=each.id)
    return {"name": each.filename, "url": url, "size": each.size, "content_type": each.content_type}


def _who(person_id: int | None, chapter: Chapter) -> str:
    person = chapter.people.get(person_id or 0)
    return (person.name or person.value or f"#{person.id}") if person else ""


def _url(endpoint: str, ticket: Ticket, message: Message) -> str:
    return url_for(endpoint, ref=ticket.ref, message_id=message.id)
