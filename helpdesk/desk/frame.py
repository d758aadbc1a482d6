"""The frame around every page of the desk: the sidebar with its filters and counts, and who is at work."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request
from flask_babel import gettext as _

from helpdesk.desk import words
from helpdesk.people.models import Person
from helpdesk.tickets import counts, filters, policy
from helpdesk.tickets.filters import OPEN, Filter
from helpdesk.web import gates, shell
from helpdesk.web.addresses import address
from helpdesk.web.fragments import is_fragment
from helpdesk.workflows import revisions


@shell.provides_desk
def frame() -> dict[str, Any]:
    """`shell`, `filters`, `state_filters` and `counts_url` for layouts/desk.html. A fragment has no frame and does not
    pay for it.
    """
    if is_fragment():
        return {}
    person = gates.current_person()
    lists = filters.for_person(person)
    numbers = counts.of(person, lists)
    return {
        "shell": _shell(person),
        "filters": [_link(each, numbers) for each in lists if each.state is None],
        "state_filters": _by_workflow([each for each in lists if each.state is not None], numbers),
        "counts_url": address("desk.counts"),
    }


def counted(person: Person) -> list[dict[str, Any]]:
    """How many tickets stand in each list of the sidebar now: its key and the number as it is shown there."""
    lists = filters.for_person(person)
    numbers = counts.of(person, lists)
    return [{"key": each.key, "count": _number(each, numbers)} for each in lists]


def may_create(person: Person) -> bool:
    """Whether this person may open a ticket for somebody else."""
    active = revisions.active()
    return active.rules.may(policy.standing_of(person), "create") and any(
        source.type == "form" for source in active.desk.sources.values()
    )


def list_url(key: str, **place: Any) -> str:
    """The address of a list."""
    return address("desk.queue", **place) if key == OPEN else address("desk.filtered", key=key, **place)


def _shell(person: Person) -> dict[str, Any]:
    sections = [
        _place("admin.people", _("Administration"), "settings") if person.is_admin else None,
        _place("cabinet.requests", _("My requests"), "message-square-text"),
    ]
    account = [
        _place("account.password", _("Password"), "key-round"),
        _place("account.devices", _("Where you are signed in"), "monitor"),
        _place("account.away", _("Being away"), "calendar"),
        _place("account.second_step", _("Second step"), "shield-check"),
    ]
    return {
        "brand": shell.brand(),
        "home_url": address("desk.queue"),
        "me": {"name": person.shown_name, "email": person.email},
        "new_url": address("desk.new") if may_create(person) else None,
        "search_url": address("desk.search"),
        "query": request.args.get("q", "") if request.endpoint == "desk.search" else "",
        "sections": [each for each in sections if each],
        "account": [each for each in account if each],
        "sign_out_url": _url("account.sign_out"),
    }


def _by_workflow(lists: list[Filter], numbers: dict[str, int]) -> list[dict[str, Any]]:
    """The states under the name of their workflow, where this person sees more than one: each may have a “New”."""
    workflows = revisions.active().desk.workflows
    grouped: dict[str, list[Filter]] = {}
    for each in lists:
        grouped.setdefault(each.walks[0].workflow, []).append(each)
    return [
        {
            "title": workflows[name].label if len(grouped) > 1 else _("States"),
            "links": [_link(each, numbers) for each in grouped[name]],
        }
        for name in workflows
        if name in grouped
    ]


def _link(each: Filter, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "key": each.key,
        "label": words.name_of(each),
        "url": list_url(each.key),
        "icon": words.ICONS.get(each.key),
        "color": each.state.color if each.state else None,
        "final": bool(each.state and each.state.final),
        "count": _number(each, numbers),
        "active": g.get("list_key") == each.key,
    }


def _number(each: Filter, numbers: dict[str, int]) -> int | str:
    number = numbers.get(each.key, 0)
    return f"{counts.MOST - 1}+" if number >= counts.MOST else number


def _place(endpoint: str, label: str, icon: str) -> dict[str, Any] | None:
    url = _url(endpoint)
    active = (request.blueprint or "") == endpoint.partition(".")[0]
    return {"label": label, "url": url, "icon": icon, "active": active, "count": None} if url else None


def _url(endpoint: str) -> str | None:
    return address(endpoint) if endpoint in current_app.view_functions else None
