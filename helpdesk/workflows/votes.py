"""The two votes that every state with `approve` offers without a line of YAML: `approve:accept` and `approve:reject`.

Their names have a colon, so that no action of the file can be called so. A workflow that wants other words, colours or
questions writes actions of type `approve` beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from helpdesk.workflows import kinds
from helpdesk.workflows.schema import BUILT_IN, Action, Button, Input, Workflow

PREFIX = "approve:"
TYPE = "approve"


def action_of(workflow: Workflow, name: str) -> Action | None:
    """The action of this name: one of the file, or one of the two votes."""
    return workflow.actions.get(name) or (built_in().get(name) if name.startswith(PREFIX) else None)


def is_built_in(action: Action) -> bool:
    return action.name.startswith(PREFIX)


@cache
def built_in() -> Mapping[str, Action]:
    """Both votes, each with room for a comment."""
    made = (_vote("accept", "Approve", "green"), _vote("reject", "Reject", "red"))
    return {action.name: action for action in made}


def _vote(vote: str, label: str, color: str) -> Action:
    comment = Input(name="message", field=BUILT_IN["message"], builtin=True)
    options = kinds.actions.get(TYPE)(vote=vote)
    return Action(
        name=PREFIX + vote, type=TYPE, label=label, button=Button(color=color), fields=(comment,), options=options
    )
