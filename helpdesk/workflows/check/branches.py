"""The first that holds is taken: of an action's branches and of a workflow's service levels, those that never come to
their turn, and conditions that nothing can fulfil.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from helpdesk.workflows import conditions
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.conditions import facts
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.scalars import Path


def check(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        for action in workflow.actions.values():
            yield from _branches(whole, (*action.path, "to"), [branch.when for branch in action.to])
        yield from _levels(whole, (*workflow.path, "sla"), [level.when for level in workflow.sla])
    for use in whole.uses:
        if use.what == "expression" and use.path[-1] != "amount" and _never(use.text):
            yield whole.at_value("never_holds", "This condition can never hold.", use.path)


def _branches(whole: Whole, path: Path, whens: Sequence[str | None]) -> Iterator[Finding]:
    if whens and None not in whens:
        sentence = "If no condition holds the ticket stays where it is."
        hint = "Add a last branch without `when`, or `{to: same}` to say so."
        yield whole.at_value("no_default", sentence, path, hint=hint, severity="warning")
    for number, before in covered(whens):
        why = "has no condition" if whens[before] is None else "holds whenever this one does"
        sentence = f"This branch is never taken: one before it {why}."
        yield whole.at_value("branch_never_taken", sentence, (*path, str(number)))


def _levels(whole: Whole, path: Path, whens: Sequence[str | None]) -> Iterator[Finding]:
    for number, before in covered(whens):
        why = "always does" if whens[before] is None else "matches whenever it would"
        sentence = f"This service level never matches: one before it {why}."
        yield whole.at_value("level_never_matches", sentence, (*path, str(number)))


def covered(whens: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """Each condition that is never reached, by number, with the one before it that is to blame."""
    demands = [() if when is None else _demands(when) for when in whens]
    for number, demand in enumerate(demands[:100]):
        for before in range(number):
            wider = demands[before]
            alike = whens[number] is not None and whens[number] == whens[before]
            if alike or (wider is not None and (not wider or (demand and facts.follows(demand, wider)))):
                yield number, before
                break


def _demands(when: str) -> tuple[facts.Fact, ...] | None:
    try:
        return facts.joined(when)
    except conditions.BadExpressionError:
        return None


def _never(expression: str) -> bool:
    try:
        if not conditions.variables(expression):
            return not conditions.holds(expression, {})
        return facts.cannot_hold(facts.joined(expression) or ())
    except conditions.BadExpressionError:
        return False
