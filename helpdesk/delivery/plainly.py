"""The built-in text of a mail whose own template fails when it is to be sent: what was written, and where to read on.

Called by `compose`. It uses the frozen names alone and no template at all, so there is nothing in it that could fail
as well (fault 29).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from helpdesk.tickets.models import Delivery


@dataclass(frozen=True)
class Texts:
    """What a mail says: its subject, its text, the same in clean HTML, and the name it goes out under (empty = the
    company's).
    """

    subject: str
    body: str
    html: str
    from_: str = ""


def possible(delivery: Delivery) -> bool:
    """Whether enough is known: a mail about a ticket. One that only carries a code, such as a sign-in link, waits."""
    return bool(_part(delivery.frozen["names"], "ticket").get("ref")) and not delivery.frozen.get("secret")


def texts(delivery: Delivery) -> Texts:
    """The mail in the desk's own words."""
    names = delivery.frozen["names"]
    ticket, message = _part(names, "ticket"), _part(_part(names, "action"), "message")
    subject = f"[{ticket['ref']}] {ticket.get('subject') or ''}".strip()
    link = _link(_part(names, "links"), delivery.role)
    lines = [message.get("text") or "There is news about this request.", *([link] if link else [])]
    html = [
        Markup(message["html"]) if message.get("html") else _paragraph(lines[0]),  # noqa: S704 - cleaned when it came
        *([Markup('<p><a href="{0}">{0}</a></p>').format(link)] if link else []),
    ]
    return Texts(subject, "\n\n".join(lines), "\n".join(html))


def _part(names: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = names.get(name)
    return part if isinstance(part, Mapping) else {}


def _link(links: Mapping[str, Any], role: str) -> str:
    """Where this reader can do something about it; their own is the first that was made for them."""
    mine = {"customer": ("pay", "cabinet"), "approvers": ("approve", "desk")}.get(role, ("desk",))
    return next((str(links[name]) for name in mine if links.get(name)), "")


def _paragraph(text: str) -> Markup:
    return Markup("<p>{0}</p>").format(text)
