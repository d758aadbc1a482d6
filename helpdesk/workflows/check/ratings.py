"""A field called `rating` holds what actions of the type `rate` bring, so it must be of that kind."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.schema import Field


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        kept = workflow.fields.get("rating")
        for action in workflow.actions.values():
            if action.type != "rate" or kept is None:
                continue
            (brought,) = action.options.inputs
            if kept.type != brought.type or not _holds(kept, brought):
                wanted = "the type `rating`" if brought.type == "rating" else "a choice of `up` and `down`"
                sentence = f"“{action.name}” is kept in the field “rating”, which is not {wanted}."
                yield whole.at_value("bad_rating", sentence, (*action.path, "type"))


def _holds(kept: Field, brought: Field) -> bool:
    return set(brought.choices) <= set(kept.choices)
