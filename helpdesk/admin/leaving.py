"""How a message that leaves the desk is shown to administrators: what it is, how it fares, and what can be done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from helpdesk import jobs
from helpdesk.db import session
from helpdesk.text import plain
from helpdesk.tickets.models import Delivery, Ticket

STATUS = {
    "waiting": (_l("Waiting"), "amber"),
    "sending": (_l("Sending"), "blue"),
    "sent": (_l("Sent"), "green"),
    "failed": (_l("Failed"), "red"),
    "held": (_l("Held back"), "violet"),
    "discarded": (_l("Given up"), "gray"),
}
ICONS = {"sms": "smartphone", "webhook": "webhook"}
_NAME = re.compile(r"\{\{\s*([A-Za-z_][\w.]{0,60})\s*\}\}")
AGAIN = {  # what the first button of a message says
    "waiting": _l("Send now"),
    "held": _l("Let it go on"),
    "failed": _l("Send again"),
    "discarded": _l("Send after all"),
    "sent": _l("Call again"),
}


def messages(rows: list[Delivery], *, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows as the list shows them; `kept` stays in their addresses, so that one comes back to the same list."""
    due, refs = _due(rows), _refs(rows)
    return [_message(row, refs, due, kept) for row in rows]


def stops(row: Delivery, *, kept: Mapping[str, Any]) -> dict[str, str | None]:
    """Where a message is held back or given up, as far as it can be."""
    hold = url_for("admin.outbox_do", delivery_id=row.id, what="hold", **kept)
    discard = url_for("admin.outbox_do", delivery_id=row.id, what="discard", **kept)
    return {
        "hold_url": hold if row.status == "waiting" else None,
        "discard_url": discard if row.status in ("waiting", "held", "failed") else None,
    }


def _message(row: Delivery, refs: dict[int, str], due: dict[int, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    label, color = STATUS[row.status]
    ref = refs.get(row.ticket_id or 0)
    return {
        "id": row.id,
        "kind": row.kind,
        "icon": ICONS.get(row.kind, "mail"),
        "to": row.recipient,
        "subject": row.subject or _subject_to_be(row) or _("Text message"),
        "ticket": {"ref": ref, "url": url_for("desk.ticket_page", ref=ref)} if ref else None,
        "state": {"label": label, "color": color},
        "attempts": row.attempts,
        "next_at": due.get(row.id),
        "sent_at": row.sent_at,
        "created_at": row.created_at,
        "error": row.error,
        "source": row.source,
        "message_id": row.message_id,
        "url": url_for("admin.outbox_one", delivery_id=row.id, **kept),
        "again": AGAIN.get(row.status, "") if _may_go_again(row) else "",
        "again_url": url_for("admin.outbox_do", delivery_id=row.id, what="retry", **kept),
    }


def _subject_to_be(row: Delivery) -> str:
    """The subject a mail will have, near enough: its template is made when it is sent, and in another process."""
    names = row.frozen.get("names") or {}

    def value(found: re.Match[str]) -> str:
        here: Any = names
        for part in found[1].split("."):
            here = here.get(part, "") if isinstance(here, dict) else ""
        return str(here) if isinstance(here, str | int) else ""

    filled = _NAME.sub(value, str(row.frozen.get("subject", "")))
    if "{" not in filled:
        return plain.line(filled, limit=300)
    return str((names.get("ticket") or {}).get("subject", ""))


def _may_go_again(row: Delivery) -> bool:
    if row.frozen.get("secret") and not row.frozen.get("names"):
        return False  # what it said is forgotten
    return row.status in ("waiting", "failed", "held", "discarded") or (row.kind == "webhook" and row.status == "sent")


def _refs(rows: list[Delivery]) -> dict[int, str]:
    ids = {row.ticket_id for row in rows if row.ticket_id}
    return dict(session().execute(select(Ticket.id, Ticket.ref).where(Ticket.id.in_(ids))).all())


def _due(rows: list[Delivery]) -> dict[int, Any]:
    """When each waiting mail is tried next, in one question."""
    names = [f"deliver:{row.id}" for row in rows if row.status == "waiting"]
    found = session().execute(select(jobs.Job.dedupe, jobs.Job.run_at).where(jobs.Job.dedupe.in_(names)))
    return {int(str(name).removeprefix("deliver:")): at for name, at in found}
