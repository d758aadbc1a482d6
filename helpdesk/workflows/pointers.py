"""Where a name that leads nowhere was probably to lead: to a name that is nearly the same, to what has it as its label,
to something of another kind or of another workflow.

Asked by `references` for hints.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from helpdesk.workflows import words
from helpdesk.workflows.scalars import Use
from helpdesk.workflows.schema import Desk

_ADVICE = {
    ("who", "customer"): "What customers may do is said with `customer: run`.",
    ("seer", "customer"): "What customers see is said with `customer_label` and `hidden_from_customer`.",
    ("seer", "assignee"): "Being assigned gives no sight of a ticket; name roles or groups.",
    ("recipient", "everyone"): "Name a role, as in role:agent.",
}
_OTHERS = {"field type": words.TYPES, "recipient": words.PEOPLE, "who": words.PEOPLE, "seer": words.PEOPLE}
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00a0 "


def to_what_was_meant(desk: Desk, use: Use, names: Collection[str]) -> str:
    """A hint at what `use` should have named, or nothing."""
    what, word = use.what, use.text.strip(_INVISIBLE)
    if word != use.text and word in names:
        return f"Did you mean “{word}”? There is an invisible character beside it."
    return (
        _ADVICE.get((what, word), "")
        or _of_another_kind(desk, what, word)
        or _by_its_label(desk, use, names)
        or words.meant_by(word, names, others=_OTHERS.get(what, {}))
        or _of_another_workflow(desk, what, word)
        or _all(what, names)
    )


def _of_another_kind(desk: Desk, what: str, word: str) -> str:
    if what == "role" and word in desk.groups:
        return f"“{word}” is a group; roles are named here."
    if what == "group" and word in desk.roles:
        return f"“{word}” is a role; a group is named here."
    if what == "recipient" and word in desk.roles:
        return f"Did you mean “role:{word}”?"
    if what == "recipient" and word in desk.groups:
        return "The members of the group that has the ticket are “group”."
    if what == "strategy" and word in desk.groups:
        return f"“{word}” is a group; a strategy is named here."
    return ""


def _by_its_label(desk: Desk, use: Use, names: Collection[str]) -> str:
    """People see labels and write them down."""
    for name, thing in _labelled(desk, use).items():
        label = getattr(thing, "label", "")
        if name in names and label and label.casefold() == use.text.strip().casefold():
            return f"Did you mean “{name}”?"
    return ""


def _labelled(desk: Desk, use: Use) -> Mapping[str, Any]:
    workflow = desk.workflows.get(use.path[1]) if use.path[0] == "workflows" and len(use.path) > 1 else None
    if use.what in ("state", "target"):
        return workflow.states if workflow else {}
    if use.what.startswith("action"):
        return workflow.actions if workflow else {}
    people: dict[str, Any] = {**desk.roles, **desk.groups}
    known: dict[str, Mapping[str, Any]] = {
        "role": desk.roles,
        "group": desk.groups,
        "who": people,
        "seer": people,
        "workflow": desk.workflows,
        "source": desk.sources,
    }
    return known.get(use.what, {})


def _of_another_workflow(desk: Desk, what: str, word: str) -> str:
    part = {"state": "states", "target": "states", "action": "actions", "action or again": "actions"}.get(what, "")
    for workflow in desk.workflows.values() if part else ():
        if word in getattr(workflow, part):
            return f"“{word}” is one of the {part} of “{workflow.name}”; a workflow has only its own."
    return ""


def _all(what: str, names: Collection[str]) -> str:
    return words.one_of(sorted(names)) if len(names) <= 25 or what == "strategy" else ""
