"""What an action would ask, and where it would lead with what the ticket holds now."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.rollout.why.answer import Part, Reason
from helpdesk.rollout.why.asking import Asking
from helpdesk.rollout.why.seen import saw
from helpdesk.tickets.values import is_empty
from helpdesk.workflows import conditions
from helpdesk.workflows.schema import Branch, Input


def asks(asking: Asking) -> Part:
    """Each input: asked, required, satisfied by what the ticket holds, or not shown and why."""
    conditions_ = [each.show_if for each in asking.spec.fields if each.show_if]
    names = asking.names(conditions_)
    reasons = [
        _asked(asking, each, dict(names), asking.line("fields", str(number)))
        for number, each in enumerate(asking.spec.fields)
    ]
    return Part(name="asks", title="What it asks", reasons=tuple(reasons))


def leads(asking: Asking) -> Part:
    """Each branch with what its condition saw, up to the one that would be taken."""
    return Part(name="leads", title="Where it leads", reasons=tuple(_branches(asking)))


def target(asking: Asking) -> tuple[str, bool]:
    """The state the ticket would be in, and whether it would arrive there."""
    branch = taken(asking)
    if branch is not None and branch.to in asking.goal.states:
        return branch.to, True
    moves = asking.goal is not asking.workflow
    return (asking.goal.initial, True) if moves else (asking.ticket.state, False)


def taken(asking: Asking) -> Branch | None:
    """The first branch that holds now."""
    names = asking.names(branch.when for branch in asking.spec.to if branch.when)
    for branch in asking.spec.to:
        if branch.when is None or conditions.holds(branch.when, names):
            return branch
    return None


def _asked(asking: Asking, each: Input, names: dict[str, object], line: str) -> Reason:
    label = each.field.said
    if each.show_if is not None and not conditions.holds(each.show_if, names):
        says = f"“{label}” is not asked, because {each.show_if} does not hold."
        return Reason(code="hidden", says=says, line=line, saw=saw(each.show_if, names))
    shown = saw(each.show_if, names) if each.show_if else ()
    holds = f"{each.show_if} holds, so “{label}” is asked" if each.show_if else f"“{label}” is asked"
    if asking.spec.options.needs_message and each.builtin and each.name in ("message", "files"):
        return Reason(code="asked", says=f"{holds}; a message or a file is needed.", line=line, saw=shown)
    if not each.required:
        return Reason(code="asked", says=f"{holds}, and may stay empty.", line=line, saw=shown)
    if each.keep == "ticket" and not is_empty(asking.held.get(each.name)):
        return Reason(code="held", says=f"{holds}, and the ticket has it already.", line=line, saw=shown)
    return Reason(code="required", says=f"{holds}, and must be filled in.", line=line, saw=shown)


def _branches(asking: Asking) -> Iterator[Reason]:
    spec = asking.spec
    if not spec.to and asking.goal is not asking.workflow:
        first = asking.goal.states[asking.goal.initial].label
        says = f"To “{first}” of {asking.goal.label}, where its tickets begin."
        yield Reason(code="taken", holds=True, says=says, line=asking.line("workflow"))
        return
    if not spec.to:
        yield Reason(code="stays", says=f"The ticket stays in “{asking.state.label}”.", line=asking.line())
        return
    names = asking.names(branch.when for branch in spec.to if branch.when)
    decided = False
    for number, branch in enumerate(spec.to):
        line = asking.line("to", str(number))
        where = _where(asking, branch)
        if decided:
            yield Reason(code="not_reached", says=f"{where}: not looked at.", line=line)
        elif branch.when is None:
            decided = True
            says = f"{where}." if len(spec.to) == 1 else f"{where}, as nothing before it held."
            yield Reason(code="taken", holds=True, says=says, line=line)
        else:
            decided = conditions.holds(branch.when, names)
            says = f"{where}, because {branch.when} holds." if decided else f"{where}: {branch.when} does not hold."
            code = "taken" if decided else "passed"
            yield Reason(code=code, holds=decided, says=says, line=line, saw=saw(branch.when, names))
    if not decided:
        says = f"No branch holds, so the ticket stays in “{asking.state.label}”."
        yield Reason(code="stays", says=says, line=asking.line("to"))


def _where(asking: Asking, branch: Branch) -> str:
    if branch.to == "same":
        return f"It stays in “{asking.state.label}”"
    state = asking.goal.states.get(branch.to)
    where = "" if asking.goal is asking.workflow else f" of {asking.goal.label}"
    return f"To “{state.label if state else branch.to}”{where}"
