"""What a ticket's customer was promised, as the desk shows it: how much of the time is over, and how it went.

Only the desk sees this; a customer knows what a text told them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from helpdesk import clock
from helpdesk.actions import deadlines, promises
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rows import Row
from helpdesk.web_look import ago

LOOKS = {  # colour and sign
    "runs": ("blue", "clock"),
    "risk": ("amber", "timer"),
    "late": ("red", "alarm-clock"),
    "paused": ("gray", "clock"),
    "kept": ("green", "circle-check"),
    "missed": ("red", "circle-x"),
}


def promised(ticket: Ticket) -> list[dict[str, Any]]:
    """For desk/_promises.html: each promise of the ticket, in the order in which they are due."""
    answer, end = ticket.due_first_response, ticket.due_resolution
    done = ticket.sla_paused_at if policy.is_final(ticket) else None
    return [
        *([_shown(ticket, "first_response", _("First response"), answer, ticket.first_response_at)] if answer else []),
        *([_shown(ticket, "resolution", _("Resolution"), end, done)] if end else []),
    ]


def due_mark(row: Row | Ticket, *, always: bool = False) -> dict[str, Any] | None:
    """What a list, and the head of a ticket's page, says of a ticket that is late or at risk; `always`: of each that
    has a promise whose clock runs.
    """
    if row.due_at is None:
        return None
    if row.due_at <= clock.now():
        return {"is": "late", "at": row.due_at, "label": _("Overdue")}
    if row.at_risk:
        return {"is": "risk", "at": row.due_at, "label": _("Due soon")}
    return {"is": "runs", "at": row.due_at, "label": _("Due")} if always else None


def _shown(ticket: Ticket, name: str, label: str, due: datetime, done: datetime | None) -> dict[str, Any]:
    how = _how(ticket, name, due, done)
    color, icon = LOOKS[how]
    runs = how in ("runs", "risk", "late", "paused")
    return {
        "label": label,
        "is": how,
        "color": color,
        "icon": icon,
        "says": _says(how, due),
        "used": deadlines.used(ticket, name, at=ticket.sla_paused_at or clock.now()) if runs else None,
        "due": due,
        "done": done,
    }


def _how(ticket: Ticket, name: str, due: datetime, done: datetime | None) -> str:
    if done is not None:
        return "kept" if done <= due else "missed"
    if ticket.sla_paused_at is not None:
        return "late" if due <= ticket.sla_paused_at else "paused"
    if due <= clock.now():
        return "late"
    return "risk" if deadlines.promised(ticket)["said"].get(name) in range(1, promises.BREACH) else "runs"


def _says(how: str, due: datetime) -> Markup:
    return {
        "runs": lambda: ago(due),
        "risk": lambda: ago(due),
        "late": lambda: Markup(_("%(time)s overdue")) % {"time": ago(due)},  # noqa: S704 - our own sentence
        "paused": lambda: Markup.escape(_("Paused")),
        "kept": lambda: Markup.escape(_("In time")),
        "missed": lambda: Markup.escape(_("Too late")),
    }[how]()
