"""What the desk calls things: filters, states, groups, and the small dicts that templates show them by."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from helpdesk.tickets import filters
from helpdesk.tickets.filters import Filter
from helpdesk.workflows import revisions

ICONS = {
    filters.OPEN: "inbox",
    filters.DUE: "timer",
    "mine": "circle-user-round",
    "groups": "users",
    "unassigned": "circle-dashed",
    filters.UNREAD: "mail",
    "all": "layers",
}
NAMES = {
    filters.OPEN: _("Open"),
    filters.DUE: _("Due first"),
    "mine": _("Mine"),
    "groups": _("My groups"),
    "unassigned": _("Unassigned"),
    filters.UNREAD: _("Unread"),
    "all": _("All"),
}


def name_of(chosen: Filter) -> str:
    """The filter's name as people read it."""
    if chosen.state is not None:
        return chosen.state.label
    return str(NAMES[chosen.key])


def state(workflow: str, name: str) -> dict[str, Any]:
    """A state as `macros/badge.html` shows it; one that has left the file goes by its name."""
    found = revisions.active().desk.workflows.get(workflow)
    spec = found.states.get(name) if found else None
    if spec is None:
        return {"label": name, "color": "gray", "final": False}
    return {"label": spec.label, "color": spec.color, "final": spec.final}


def group(name: str | None) -> str:
    """A group's label."""
    found = revisions.active().desk.groups.get(name or "")
    return found.label if found else (name or "")
