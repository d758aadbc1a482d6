"""The entries of the timeline (macros/timeline.html), made from a chapter of the story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import url_for
from flask_babel import format_date, to_user_timezone
from flask_babel import gettext as _
from markupsafe import Markup

from helpdesk.desk import words
from helpdesk.desk.sentences import assigned, icon, only_assigns, sentence
from helpdesk.desk.story import Chapter
from helpdesk.text import html as markup
from helpdesk.tickets.models import Ticket
from helpdesk.web.money import as_read, money

Entry = dict[str, Any]

LONG = 6_000  # characters of HTML from which a message is shown in a frame of its own
OUTCOMES = {"sent": "delivered", "failed": "failed", "held": "held", "discarded": "discarded"}


def entries(
    ticket: Ticket, chapter: Chapter, *, cards: Mapping[int, Entry] | None = None, fresh: bool = False
) -> list[Entry]:
    """The chapter as the timeline shows it, with a line between the days. `cards`: side conversations, by the event
    at which each stands.
    """
    shown: list[Entry] = []
    day = None
    for event in chapter.events:
        today = day_of(event)
        if today != day and not fresh:
            shown.append({"kind": "day", "date": today, "label": format_date(event.at, "full")})
            day = today
        shown += _of_event(ticket, event, chapter, (cards or {}).get(event.id))
    return [{**each, "fresh": fresh} for each in shown]


def day_of(event: Any) -> str:
    """The day of an event where the reader is, as 2026-03-31."""
    return to_user_timezone(event.at).date().isoformat()


def outcomes_of(mails: Sequence[Any]) -> list[Entry]:
    """What became of each mail."""
    return [
        {
            "kind": "delivery",
            "by": mail.kind,
            "outcome": OUTCOMES.get(mail.status) or ("retrying" if mail.error else "waiting"),
            "to": mail.recipient,
            "at": mail.sent_at or mail.created_at,
            "says": mail.error if mail.status != "sent" else "",
        }
        for mail in mails
    ]


def _of_event(ticket: Ticket, event: Any, chapter: Chapter, card: Entry | None) -> Iterator[Entry]:
    """What one event brought. Of a merged ticket only what was said and paid: the rest is told on its own page. What
    was said in a side conversation is read in its `card`.
    """
    its_own = event.ticket_id == ticket.id
    spoken = [each for each in chapter.messages.get(event.id, ()) if each.conversation_id is None]
    messages = [each for each in spoken if its_own or each.copied_from_id is None]
    mails = [each for each in chapter.deliveries.get(event.id, ()) if each.conversation_id is None]
    payment = chapter.payments.get(event.id)
    values = as_read(ticket, event)
    by = who(event.actor, event.actor_id) or (_("The desk") if event.actor_kind == "system" else _("Somebody"))
    for message in messages:
        yield _message(ticket, message, event, mails, chapter, values)
    if payment is not None:
        said = {each["name"]: each["shown"] for each in values}
        method = said.get("method") or payment.method
        yield {
            "kind": "payment",
            "amount": money(payment.amount, payment.currency),
            "method": method,
            "reference": payment.reference,
            "by": by,
            "at": event.at,
        }
    given = assigned(event.data.get("assigned"), by)
    if card is not None:
        yield card
    if not its_own and "side" not in event.data:
        return
    says = sentence(event, values, spoken=bool(messages) or payment is not None)
    workflow = event.workflow or ticket.workflow  # it may have moved since
    led_to = (event.data.get("moved") or {}).get("workflow") or workflow
    entered = event.to_state if event.to_state != event.from_state or event.kind == "opened" else None
    entered = event.to_state if led_to != workflow else entered
    entered = entered if its_own else None
    said_by_card = card is not None and not entered and not given
    if says and not said_by_card and not (given and only_assigns(event, workflow)):
        state = words.state(led_to, entered) if entered else None
        yield {
            "kind": "event",
            "by": by,
            "says": says,
            "also": given,
            "icon": icon(event, workflow),
            "state": state,
            "ref": _other(ticket, event),
            "at": event.at,
        }
    elif given:
        yield {"kind": "event", "by": by, "says": given, "icon": "user", "state": None, "at": event.at}
    if mails and not messages:
        yield {"kind": "mails", "event": event.id, "deliveries": outcomes_of(mails)}


def _message(
    ticket: Ticket,
    message: Any,
    event: Any,
    mails: Sequence[Any],
    chapter: Chapter,
    values: Sequence[dict[str, Any]],
) -> Entry:
    from_house = message.author_kind == "staff"
    kind = "note" if message.audience == "internal" else "out" if from_house else "in"
    to = [mail.recipient for mail in mails if mail.role == "customer"]
    return {
        "kind": kind,
        "id": message.id,
        "event": event.id,
        "author": {
            "name": who(message.author, message.author_id) or _("Somebody"),
            "email": "" if from_house else message.address or "",
        },
        "at": message.created_at,
        "to": to if kind == "out" else [],
        "how": _how(ticket, message, event),
        "files": [file_of(ticket, each) for each in chapter.files.get(message.id, ()) if not each.inline],
        "warnings": message.warnings,
        "original_url": _url("desk.original", ticket, message) if message.inbound_id else None,
        "given": [{"label": v["label"], "value": v["shown"]} for v in values if v["shown"]],
        "deliveries": outcomes_of(mails),
        **words_of(ticket, message),
    }


def _other(ticket: Ticket, event: Any) -> dict[str, str] | None:
    """The other ticket that an event is about, or the side conversation."""
    data = event.data
    if side := data.get("side"):
        page = url_for("desk.ticket_page", ref=ticket.ref)
        return {"label": side["subject"], "url": f"{page}#side-{side['id']}"}
    ref = data.get("ref") or data.get("split_from") or data.get("from")
    ref = ref or (data.get("split") or data.get("merge") or {}).get("ref")
    return {"label": ref, "url": url_for("desk.ticket_page", ref=ref)} if ref else None


def _how(ticket: Ticket, message: Any, event: Any) -> dict[str, str] | None:
    """By which way it came, where that is not plain."""
    if event.ticket_id != ticket.id:
        ref = next((each.ref for each in ticket.merged if each.id == event.ticket_id), "")
        return {"label": ref, "icon": "git-merge"}
    if published := event.data.get("published"):
        return {"label": _("published from “%(subject)s”", subject=published["subject"]), "icon": "users"}
    if message.channel == "phone":
        return {"label": _("phone call"), "icon": "phone"}
    return {"label": _("entered at the desk")} if event.kind == "opened" and event.actor_kind == "staff" else None


def words_of(ticket: Ticket, message: Any) -> Entry:
    """How the text is shown: plain, as simple HTML, or with its own look in a frame. What was cut is one click away."""
    if not message.html:
        return {"text": message.text, "quoted": message.quoted}
    if len(message.html) <= LONG and "<table" not in message.html and "<img" not in message.html:
        return {"html": _clean(message.html), "quoted": message.quoted}
    return {"html_url": _url("desk.letter", ticket, message), "quoted": message.quoted}


@lru_cache(maxsize=512)
def _clean(html: str) -> Markup:
    """Cleaned once more on its way out, whenever it was stored (attack 1); once a process for each message."""
    return Markup(markup.clean(html))  # noqa: S704 - the sanitiser's word


def file_of(ticket: Ticket, each: Any) -> Entry:
    url = url_for("desk.attachment", ref=ticket.ref, attachment_id=each.id)
    return {"name": each.filename, "url": url, "size": each.size, "content_type": each.content_type}


def who(name: str | None, person_id: int | None) -> str:
    return name or (f"#{person_id}" if person_id else "")


def _url(endpoint: str, ticket: Ticket, message: Any) -> str:
    return url_for(endpoint, ref=ticket.ref, message_id=message.id)
