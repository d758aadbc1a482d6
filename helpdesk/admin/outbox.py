"""What leaves the desk, seen and worked from behind: the queues of what waits, is held back, failed or was given up,
and each message with what can be done about it.
"""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.admin import leaving
from helpdesk.admin.blueprint import bp
from helpdesk.admin.pages import page
from helpdesk.db import session
from helpdesk.delivery import attempts, queue
from helpdesk.errors import NotFound
from helpdesk.tickets import actors, in_order
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Delivery
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions


@bp.get("/outbox", endpoint="outbox")
@for_admin
def outbox_page() -> ResponseReturnValue:
    """What the desk sends, and what became of it."""
    view, picked = _view(), _picked()
    status = "" if view == "all" else view
    query = queue.chosen(status=status, **picked)
    kept = {"view": view, **_without_empty(picked)}
    order = in_order.sorted_by(Delivery.id) if picked["recipient"] else None  # theirs are few among all that ever left
    rows, pager = page(query, Delivery.id, order=order, **kept)
    counts = queue.counts()
    return render_template(
        "admin/outbox.html",
        messages=leaving.messages(rows, kept=kept),
        tabs=[_tab(name, view, counts, picked) for name in ("all", *queue.QUEUES)],
        view=view,
        picked=picked,
        sources=[(each.name, each.label or each.name) for each in revisions.active().desk.sources.values()],
        all_url=url_for("admin.outbox", view=view),
        again_url=url_for("admin.outbox_again", **kept) if _can_go(view) and rows else None,
        pager=pager,
        nothing=_nothing(view, is_picked=any(picked.values())),
    )


@bp.get("/outbox/<int:delivery_id>", endpoint="outbox_one")
@for_admin
def one(delivery_id: int) -> ResponseReturnValue:
    """One message: whom it goes to, how often it was tried, what stopped it, and what can be done."""
    row = session().get(Delivery, delivery_id)
    if row is None:
        raise NotFound(_("There is no such message."))
    kept = {"view": _view(), **_without_empty(_picked())}
    (message,) = leaving.messages([row], kept=kept)
    return render_template("admin/outbox_one.html", message=message, back_url=_back(), **leaving.stops(row, kept=kept))


@bp.post("/outbox/again", endpoint="outbox_again")
@for_admin
def again_all() -> ResponseReturnValue:
    """Send all of a queue again, as when a server is back that was away for long."""
    view = _view()
    if not _can_go(view):
        abort(404)
    queue.send_all(_me(), status=view, **_picked())
    flash(_("All of it is being sent again."), "success")
    return redirect(_back(), 303)


@bp.post("/outbox/<int:delivery_id>/<any(retry, hold, discard):what>", endpoint="outbox_do")
@for_admin
def do(delivery_id: int, what: str) -> ResponseReturnValue:
    """Send it again now (the Message-ID stays, so a mail that did arrive is no second one), hold it back, or give it
    up.
    """
    if what == "retry":
        attempts.again(delivery_id, by=_me())
        flash(_("It is being sent again."), "success")
    elif what == "hold":
        queue.hold(delivery_id, _me())
        flash(_("It is held back until somebody lets it go on."), "success")
    else:
        queue.discard(delivery_id, _me(), why=request.form.get("why", ""))
        flash(_("It is given up and will not be sent."), "success")
    return redirect(_back(), 303)


def _view() -> str:
    view = request.args.get("view", "all")
    if view not in ("all", *queue.QUEUES):
        abort(404)
    return view


def _picked() -> dict[str, str]:
    """What the list is narrowed to. All that ever left is looked for by its recipient alone."""
    source = request.args.get("source", "") if _view() != "all" else ""
    return {"source": source[:64], "recipient": request.args.get("recipient", "").strip()[:320]}


def _without_empty(picked: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in picked.items() if value}


def _back() -> str:
    return url_for("admin.outbox", view=_view(), **_without_empty(_picked()))


def _can_go(view: str) -> bool:
    return view in ("waiting", "held", "failed")


def _me() -> Actor:
    return actors.staff(current_person())


def _tab(name: str, view: str, counts: dict[str, int], picked: dict[str, str]) -> dict[str, Any]:
    label = _("All") if name == "all" else leaving.STATUS[name][0]
    count = counts.get(name, 0)
    kept = _without_empty({"recipient": picked["recipient"], "source": "" if name == "all" else picked["source"]})
    return {
        "label": label,
        "url": url_for("admin.outbox", view=name, **kept),
        "active": name == view,
        "count": (f"{queue.MOST - 1}+" if count >= queue.MOST else count) or None,
    }


def _nothing(view: str, *, is_picked: bool) -> tuple[str, str]:
    """Title and text of an empty list."""
    if is_picked:
        return _("Nothing fits"), _("Nothing in this list is of this source and to this address.")
    return {
        "all": (_("Nothing was sent yet"), _("Receipts, answers and notices appear here as they are sent.")),
        "waiting": (_("Nothing is waiting"), _("What is on its way, or will be tried again, stands here.")),
        "failed": (_("Nothing has failed"), _("What could not be sent stands here with the reason, to be sent again.")),
        "held": (_("Nothing is held back"), _("What the desk may not send yet stands here with the reason.")),
        "discarded": (_("Nothing was given up"), _("What somebody decided not to send stands here with the reason.")),
    }[view]
