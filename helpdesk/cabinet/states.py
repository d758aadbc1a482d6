"""States in the customer's words."""

from __future__ import annotations

from typing import Any

from helpdesk.workflows import revisions


def shown(workflow: str, state: str) -> dict[str, Any]:
    """A state as macros/badge.html shows it: the label meant for customers, else the one for everybody."""
    found = revisions.active().desk.workflows[workflow].states[state]
    return {"label": found.customer_label or found.label, "color": found.color, "final": found.final}


def is_hidden(workflow: str, state: str | None) -> bool:
    """Whether customers are not told of this state; a state that left the file is not told either."""
    known = revisions.active().desk.workflows.get(workflow)
    found = known.states.get(state or "") if known else None
    return found is None or found.hidden_from_customer
