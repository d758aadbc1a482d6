"""What became of a mail, a text message or a call, written on its row and on the ticket's history. The one place
outside the doors that adds such events.

Each function is a part of the transaction at hand, which also ends the job: an outcome is never written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from helpdesk import alarms, clock
from helpdesk.db import session
from helpdesk.delivery import reports
from helpdesk.people import reach
from helpdesk.text import plain
from helpdesk.tickets import action_links, events, merged, unread
from helpdesk.tickets.actors import SYSTEM, Actor
from helpdesk.tickets.models import Delivery, Ticket

SERVER = "delivery:server"  # the alarm that no mail leaves


def unsigned(domain: str) -> str:
    """The alarm that mail of this domain waits for its key."""
    return f"delivery:key:{domain}"[:200]


def sent(delivery: Delivery, *, instead: str = "", sender: str = "") -> None:
    """It was taken by the other side (or the catcher). `instead`: why it went with the built-in text (fault 29);
    `sender`: the address a mail came from, whose domain's key works by now.
    """
    delivery.status, delivery.error, delivery.sent_at = "sent", instead[:2000], clock.now()
    _forget_secrets(delivery)
    if delivery.kind == "mail":
        labels = sender.rpartition("@")[2].lower().split(".")  # the key may be that of a domain it lies in
        alarms.clear(SERVER, *(unsigned(".".join(labels[at:])) for at in range(len(labels))))
    else:
        alarms.clear(f"delivery:{delivery.kind}")
    if instead:
        alarms.sound("delivery:plain", f"A mail to {delivery.recipient} went with the built-in text. {instead}"[:1000])
    _tell(delivery, "sent", f"Sent to {delivery.recipient}{', with the built-in text' if instead else ''}", instead)


def waits(delivery: Delivery, why: str) -> None:
    """It will be tried again. No event: the row shows it, and the history is not filled with tries."""
    delivery.status, delivery.error = "waiting", why[:2000]


def failed(delivery: Delivery, why: str) -> None:
    """It will not arrive: the history says why, and whoever the ticket concerns has it unread (fault 9). Where the
    server said that nobody has this address, that is remembered.
    """
    if delivery.kind == "mail" and reports.means_nobody(why):
        reach.came_back(delivery.recipient, plain.line(why, limit=300))
    _fail(delivery, why)


def _fail(delivery: Delivery, why: str) -> None:
    delivery.status, delivery.error = "failed", why[:2000]
    _forget_secrets(delivery)
    _tell(delivery, "failed", f"Could not be sent to {delivery.recipient}", why)
    if delivery.kind == "webhook":  # whoever has the ticket can do nothing about it; an administrator can
        alarms.sound(f"webhook:{delivery.recipient}", f"A call of “{delivery.recipient}” was given up. {why}"[:1000])
    else:
        _call_the_desk(delivery)


def held(delivery: Delivery, why: str) -> None:
    """It cannot be sent as it is. It waits for somebody; nothing half made is ever sent (fault 29)."""
    delivery.status, delivery.error = "held", why[:2000]
    if delivery.kind == "webhook":  # its target's own alarm says so
        _tell(delivery, "held", f"Held back, to {delivery.recipient}", why)
        return
    what = "A text message" if delivery.kind == "sms" else "A mail"
    alarms.sound("delivery:held", f"{what} to {delivery.recipient} is held back. {why}"[:1000])
    _tell(delivery, "held", f"Held back, to {delivery.recipient}", why)
    _call_the_desk(delivery)


def by_hand(delivery: Delivery, status: str, by: Actor, why: str = "") -> None:
    """Somebody holds it back, lets it go on, or gives it up; the history says who, and why."""
    label = {"held": "Held back by hand, to", "waiting": "Let go on, to", "discarded": "Given up, to"}[status]
    delivery.status = status
    delivery.error = ". ".join(part for part in (f"By {by.name}" if by.name else "", why) if part)
    if status == "discarded":
        _forget_secrets(delivery)
    _tell(delivery, status, f"{label} {delivery.recipient}", why, by=by)


@dataclass(frozen=True)
class Returned:
    """Which mail of ours a report was about. `ticket_id`: None for one that is about no ticket, such as a sign-in."""

    delivery_id: int
    ticket_id: int | None


def returned(message_id: str, report: str) -> Returned | None:
    """A believed report is about this mail of ours: it came back for good or this time, waits, or was called spam. None
    where there is no such mail. The same report again changes nothing.
    """
    here = session()
    delivery = here.scalar(select(Delivery).where(Delivery.message_id == message_id).with_for_update())
    if delivery is None:
        return None
    said = reports.read(report, delivery.recipient)
    why = plain.line(said.why, limit=300)
    if said.kind == "failed":
        if said.for_good:
            reach.came_back(delivery.recipient, why)
        if delivery.status == "sent":
            _fail(delivery, f"The mail came back. {why}".strip())
    elif said.kind == "delayed" and delivery.status == "sent":
        _report(delivery, "delayed", why)
    elif said.kind == "complaint" and reach.complained(delivery.recipient):
        _report(delivery, "complaint")
        _call_the_desk(delivery)
    return Returned(delivery.id, delivery.ticket_id)


def _tell(delivery: Delivery, status: str, label: str, why: str = "", *, by: Actor = SYSTEM) -> None:
    ticket = session().get(Ticket, delivery.ticket_id) if delivery.ticket_id else None
    if ticket is None:
        return
    data: dict[str, Any] = {"label": label, "status": status, "delivery": delivery.id, "to": delivery.recipient}
    data |= {"why": why[:500]} if why else {}
    events.append(ticket, kind="delivery", actor=by, data=data, touches=False)


def _report(delivery: Delivery, what: str, why: str = "") -> None:
    """Something to know about a mail that is no outcome of it."""
    if (ticket := session().get(Ticket, delivery.ticket_id) if delivery.ticket_id else None) is not None:
        data = {"label": "Report about a mail", "report": what, "to": delivery.recipient, "why": why}
        events.append(ticket, kind="reported", actor=SYSTEM, data=data, touches=False)


def _call_the_desk(delivery: Delivery) -> None:
    """The ticket is held, so that its marks and an action's do not wait for each other in a circle; of one that was
    merged the one that stays, where the work goes on.
    """
    about = session().get(Ticket, delivery.ticket_id) if delivery.ticket_id else None
    if about is not None:
        stays = session().get_one(Ticket, merged.stays(about).id, with_for_update={"key_share": True})
        unread.mark(stays, except_for=None)


def _forget_secrets(delivery: Delivery) -> None:
    """What must not outlive its mail goes: all of a sign-in mail, and of any other the links that do something (attacks
    50 and 68).
    """
    names = delivery.frozen.get("names", {})
    if delivery.frozen.get("secret"):
        delivery.frozen = {**delivery.frozen, "names": {}}
    elif any(names.get("links", {}).get(purpose) for purpose in action_links.LASTS):
        harmless = {name: "" if name in action_links.LASTS else url for name, url in names["links"].items()}
        delivery.frozen = {**delivery.frozen, "names": {**names, "links": harmless}}
