"""Where the states of a diagram were put by hand. Kept for the desk, by workflow: everybody sees the same picture."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk import stored
from helpdesk.admin.blueprint import bp
from helpdesk.db import writing
from helpdesk.errors import Invalid
from helpdesk.web.gates import for_admin
from helpdesk.workflows.texts import NAME

KEPT = "workflow_places"
FARTHEST = 20_000  # from the corner, in the diagram's own measure
MOST = 500  # states of a workflow that somebody moved by hand


@bp.post("/workflow/places", endpoint="workflow_places")
@for_admin
def move() -> ResponseReturnValue:
    """A state was put somewhere; without a state, all of the workflow are where they belong by themselves."""
    workflow, state = request.form.get("workflow", ""), request.form.get("state", "")
    if not NAME.fullmatch(workflow) or (state and not NAME.fullmatch(state)):
        raise Invalid({"workflow": _("There is nothing to move.")})
    with writing():
        kept = places()
        if state:
            kept.setdefault(workflow, {})[state] = [_measure("x"), _measure("y")]
            if len(kept[workflow]) > MOST:
                raise Invalid({"state": _("So many states cannot be placed by hand.")})
        else:
            kept.pop(workflow, None)
        stored.put(KEPT, kept)
    return "", 204


def places() -> dict[str, Any]:
    """By workflow and state: where they were put."""
    kept = stored.get(KEPT, {})
    return {workflow: dict(states) for workflow, states in kept.items()}


def _measure(name: str) -> float:
    given = request.form.get(name, type=float)
    if given is None or not -FARTHEST <= given <= FARTHEST:
        raise Invalid({name: _("That is too far away.")})
    return round(given, 1)
