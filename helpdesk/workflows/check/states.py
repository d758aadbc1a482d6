"""What people see of a state: whether anybody does, and whether customers have a word for it."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        for state in workflow.states.values():
            if state.visible_to is None:
                sentence = f"“{state.name}” is visible to all staff."
                hint = "Say `visible_to: [everyone]` if that is meant."
                yield whole.at_key("seen_by_all", sentence, state.path, hint=hint, severity="warning")
            elif not state.visible_to and (*state.path, "visible_to") in whole.places.values:
                yield whole.at_value("nobody_sees", f"Nobody may see “{state.name}”.", (*state.path, "visible_to"))
            if not state.hidden_from_customer and not state.customer_label:
                sentence = f"Customers see tickets in “{state.name}” and have no word for it."
                hint = "Add `customer_label`, or `hidden_from_customer: true`."
                yield whole.at_key("no_customer_label", sentence, state.path, hint=hint)
