"""The queue, the filters and the search: lists of tickets that this person may see."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.desk import downloading, found, promised, words
from helpdesk.desk.blueprint import bp
from helpdesk.desk.frame import counted, list_url, may_create
from helpdesk.tickets import filters, queue
from helpdesk.tickets.filters import OPEN
from helpdesk.tickets.queue import Place
from helpdesk.tickets.rows import Row
from helpdesk.web.addresses import address
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_staff
from helpdesk.web.readable import number


@bp.get("/", endpoint="queue")
@for_staff
def queue_page() -> ResponseReturnValue:
    """Everything that waits for somebody; `?filter=` names another list."""
    return _list(request.args.get("filter", OPEN))


@bp.get("/filters/<key>")
@for_staff
def filtered(key: str) -> ResponseReturnValue:
    """One list by its name."""
    return _list(key)


@bp.get("/counts")
@for_staff
def counts() -> ResponseReturnValue:
    """The numbers beside the lists, for the sidebar of an open page: asked when something changed, at most every few
    seconds a page, and never more than one bounded question.
    """
    return render_template("desk/_counts.html", counts=counted(current_person()))


@bp.get("/search")
@for_staff
def search() -> ResponseReturnValue:
    """Tickets by words, number or address; a number, or an address with one ticket, leads straight to it."""
    person, asked = current_person(), request.args.get("q", "").strip()
    if only := found.exactly(person, asked):
        return redirect(url_for("desk.ticket_page", ref=only), 303)
    rows, older = found.by_words(person, asked, before=request.args.get("before", type=number))
    shown = {
        "title": _("Search"),
        "query": asked,
        "total": None,
        "rows": [row_dict(row) for row in rows],
        "pager": {"older_url": url_for("desk.search", q=asked, before=older) if older else None, "newer_url": None},
        "live_url": None,
        "file_url": downloading.url_of(person, q=asked) if rows else None,
        "empty": _nothing_found(asked),
    }
    return render_template("desk/_rows.html" if is_fragment() else "desk/search.html", **shown)


def row_dict(row: Row, *, key: str = OPEN, current: str | None = None) -> dict[str, Any]:
    """A row as desk/_rows.html takes it."""
    kept: dict[str, Any] = {} if key == OPEN else {"list": key}
    return {
        "ref": row.ref,
        "url": address("desk.ticket_page", ref=row.ref, **kept),
        "subject": row.subject,
        "requester": {"name": row.requester},
        "state": words.state(row.workflow, row.state),
        "assignee": {"name": row.assignee} if row.assignee else None,
        "group": words.group(row.group),
        "activity_at": row.activity_at,
        "due": promised.due_mark(row, always=key == filters.DUE),
        "unread": row.unread,
        "tags": row.tags,
        "current": row.ref == current,
    }


def _list(key: str) -> ResponseReturnValue:
    person = current_person()
    chosen = filters.find(person, key)
    g.list_key = key
    page = queue.page(person, chosen, before=_place("before"), after=_place("after"))
    beside = request.args.get("beside")  # the ticket that stands open beside the list
    shown: dict[str, Any] = {
        "title": words.name_of(chosen),
        "total": None,
        "rows": [row_dict(row, key=key, current=beside) for row in page.rows],
        "pager": {
            "newer_url": list_url(key, after=str(page.newer)) if page.newer else None,
            "older_url": list_url(key, before=str(page.older)) if page.older else None,
            "by_time": key != filters.DUE,
        },
        "live_url": list_url(key, before=request.args.get("before"), after=request.args.get("after")),
        "file_url": downloading.url_of(person, filter=key) if page.rows else None,
        "empty": _empty(key, may_create(person)),
    }
    if is_fragment():
        return render_template("desk/_rows.html", into_pane=beside is not None, **shown)
    return render_template("desk/queue.html", **shown)


def _place(name: str) -> Place | None:
    given = request.args.get(name)
    return Place.read(given) if given else None


def _empty(key: str, can_create: bool) -> dict[str, Any]:
    """What a list says when nothing stands in it."""
    action = {"label": _("New ticket"), "url": url_for("desk.new")} if can_create and key == OPEN else None
    texts = {
        OPEN: (_("All done"), _("Nothing waits for anybody. New tickets appear here by themselves."), "check-check"),
        filters.DUE: (
            _("Nothing is due"),
            _("Where customers were promised an answer by a certain time, the soonest stands first."),
            "timer",
        ),
        "mine": (_("Nothing is yours"), _("Take a ticket, or wait until one is given to you."), "circle-user-round"),
        "groups": (_("Nothing for your groups"), _("Tickets given to a group you are in stand here."), "users"),
        "unassigned": (_("Everybody has somebody"), _("Tickets that nobody has taken stand here."), "circle-dashed"),
        filters.UNREAD: (
            _("You have read everything"),
            _("What is new for you stands here until you open it."),
            "mail-open",
        ),
    }
    title, text, icon = texts.get(key, (_("Nothing here"), _("No ticket is in this state now."), "inbox"))
    return {"title": title, "text": text, "icon": icon, "action": action}


def _nothing_found(asked: str) -> dict[str, Any]:
    if not asked:
        text = _("Type a ticket's number, a customer's address, or words from the subject or the conversation.")
        return {"title": _("What are you looking for?"), "text": text, "icon": "search"}
    text = _("No ticket you may see has these words. Try fewer, or the beginning of a word.")
    return {"title": _("Nothing found"), "text": text, "icon": "search"}
