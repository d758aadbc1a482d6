"""Findings that only follow from another one are left out: whoever mends that one has mended them.

A state whose `visible_to` cannot be read is not *also* visible to all; an action that is named with a typo is not
*also* unused. Asked by `check.run_texts` with everything that was found. Warnings hide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from helpdesk.workflows.check.lost_names import UNREADABLE, without_lost_names
from helpdesk.workflows.findings import Finding, meant
from helpdesk.workflows.moves import causes
from helpdesk.workflows.schema import Desk

Parts = tuple[str, ...]

_WAYS_OUT = ("actions", "on_message", "timers", "on_enter", "approve", "final", "move_to")
_NAMING = {"actions", "always", "on_message", "timers", "on_enter", "on_create", "sla", "approve"}


def without_consequences(findings: Iterable[Finding], desk: Desk) -> list[Finding]:
    """The same findings, those left out that have their cause among the others."""
    findings = without_lost_names(list(findings))
    wrong = _causes(findings, desk)
    return [each for each in findings if not _follows(each, wrong)]


@dataclass(frozen=True)
class _Causes:
    """What is wrong in itself."""

    below: frozenset[Parts]  # every path at or under which something cannot be read or leads nowhere
    unreadable: frozenset[Parts]  # what is a list where a mapping is needed, and the like
    lacking: frozenset[Parts]  # elements that miss a key
    keys: frozenset[tuple[Parts, str]]  # elements, and a key of theirs that was meant
    names: frozenset[tuple[str, str]]  # codes of names that lead nowhere, and what was meant
    missed: frozenset[Parts]  # states that an action leads to which was meant
    blocked: frozenset[Parts]  # states with an action of which nobody can tell where it leads

    def at(self, element: Parts, *keys: str) -> bool:
        """Whether something is wrong with one of these keys of the element, their spelling included."""
        return any((*element, key) in self.below or (element, key) in self.keys for key in keys)


def _causes(findings: Iterable[Finding], desk: Desk) -> _Causes:
    wrong = [each for each in findings if each.severity == "error" and each.code not in _FOLLOWS]
    at = [(each, tuple(each.path.split("."))) for each in wrong]
    return _Causes(
        below=frozenset(
            path[:length] for each, path in at if each.code != "unknown_key" for length in range(1, len(path) + 1)
        ),
        unreadable=frozenset(path for each, path in at if each.code in UNREADABLE),
        lacking=frozenset(tuple(each.path.split(".")) for each in findings if each.code == "missing_key"),
        keys=frozenset((path[:-1], meant(each)) for each, path in at if each.code == "unknown_key"),
        names=frozenset((each.code, meant(each)) for each in wrong),
        missed=frozenset(
            ("workflows", workflow.name, "states", branch.to)
            for each, path in at
            if each.code == "unknown_action" and path[0] == "workflows" and (workflow := desk.workflows.get(path[1]))
            if (action := workflow.actions.get(meant(each)))
            for branch in action.to
        ),
        blocked=_blocked({path[:4] for each, path in at if path[0] == "workflows" and "to" in path[4:5]}, desk),
    )


def _blocked(actions: set[Parts], desk: Desk) -> frozenset[Parts]:
    """The states from which these actions lead, by their paths."""
    return frozenset(
        ("workflows", workflow.name, "states", state)
        for workflow in desk.workflows.values()
        for state in (workflow.states if any(each[1] == workflow.name for each in actions) else ())
        if any(("workflows", workflow.name, "actions", name) in actions for _, name in causes(workflow, state))
    )


def _follows(finding: Finding, causes: _Causes) -> bool:
    asks = _FOLLOWS.get(finding.code)
    return asks is not None and asks(finding, tuple(finding.path.split(".")), causes)


Asks = Callable[[Finding, Parts, _Causes], bool]


def _key(*keys: str) -> Asks:
    """It follows from something wrong with a key of the element."""
    return lambda finding, path, causes: path in causes.unreadable or causes.at(path, *keys)


def _named_anywhere(code: str) -> Asks:
    """It follows from a name that leads nowhere and may have meant the element."""
    return lambda finding, path, causes: any(code == each for each, _ in causes.names)


def _below(finding: Finding, path: Parts, causes: _Causes) -> bool:
    return path in causes.below


def _missing(finding: Finding, path: Parts, causes: _Causes) -> bool:
    """A key that is missing because it is written wrongly."""
    element = () if path == ("",) else path
    return path in causes.unreadable or any(
        owner == element and f"“{key}”" in finding.message for owner, key in causes.keys if key
    )


def _stuck(finding: Finding, path: Parts, causes: _Causes) -> bool:
    """A state that cannot be left for all we know: where one of its actions leads cannot be told."""
    return path in causes.unreadable | causes.blocked or causes.at(path, *_WAYS_OUT)


def _unreached(finding: Finding, path: Parts, causes: _Causes) -> bool:
    """An action leads there by a name with a typo, or it cannot be read where one leads."""
    if any(each[:2] == path[:2] and each[2:3] == ("actions",) and "to" in each[4:] for each in causes.unreadable):
        return True
    return path in causes.unreadable | causes.missed or ("unknown_state", path[-1]) in causes.names


def _unused(finding: Finding, path: Parts, causes: _Causes) -> bool:
    """An action is named with a typo, or somewhere in its workflow it cannot be read what is named."""
    if ("unknown_action", path[-1]) in causes.names:
        return True
    misspelt = ((*owner, key) for owner, key in causes.keys if key)
    lacking = ((*owner, "do") for owner in causes.lacking if len(owner) > 3)
    places = (*misspelt, *lacking, *causes.unreadable)
    return any(each[:2] == path[:2] and _names_actions(each[2:]) for each in places)


def _names_actions(path: Parts) -> bool:
    """Whether a place within a workflow, or what stands below it, says which actions run."""
    if path[:1] == ("actions",):
        return "run" in path
    return (path[:1] == ("states",) and len(path) <= 2) or bool(_NAMING & set(path[:1] + path[2:]))


def _not_asked(finding: Finding, path: Parts, causes: _Causes) -> bool:
    if any(each[-1] == "fields" for each in causes.unreadable):
        return True
    codes = {code for code, _ in causes.names}
    name = finding.message.rpartition("“")[2].partition("”")[0] if path[-1].isdecimal() else path[-1]
    return ("unknown_field", name) in causes.names or bool(codes & {"unknown_source_type", "name_reserved"})


def _without_end(finding: Finding, path: Parts, causes: _Causes) -> bool:
    return any(owner[:2] == path and key in ("final", "states") for owner, key in causes.keys) or any(
        each[:2] == path and each[-1] in ("final", "states") for each in causes.below
    )


def _covered(finding: Finding, path: Parts, causes: _Causes) -> bool:
    """A branch before it has a condition that cannot be read."""
    return path[:-1] in causes.below or any(owner[:-1] == path[:-1] for owner, _ in causes.keys)


def _around(length: int, *keys: str) -> Asks:
    """It follows from something wrong with a key of the element so many steps down the path."""
    return lambda finding, path, causes: causes.at(path[:length], *keys)


def _calendar_not_named(finding: Finding, path: Parts, causes: _Causes) -> bool:
    """A calendar is named with a typo, or the key that names it is written wrongly."""
    return ("unknown_calendar", path[-1]) in causes.names or any(key == "calendar" for _, key in causes.keys)


def _not_listed(finding: Finding, path: Parts, causes: _Causes) -> bool:
    """The field it speaks of is listed somewhere, with a typo."""
    return ("unknown_field", _named(finding)) in causes.names


def _said_to_be_automatic(finding: Finding, path: Parts, causes: _Causes) -> bool:
    return causes.at((*path[:2], "actions", _named(finding)), "automatic")


def _named(finding: Finding) -> str:
    """The first name between quotation marks."""
    return finding.message.partition("“")[2].partition("”")[0]


_FOLLOWS: Mapping[str, Asks] = {
    "missing_key": _missing,
    "seen_by_all": _key("visible_to"),
    "no_customer_label": _key("customer_label", "hidden_from_customer"),
    "nobody_sees": _below,
    "nobody_may_run": _key("allow", "customer", "automatic"),
    "mail_to_nobody": _below,
    "email_without_text": _key("template", "subject", "body"),
    "nobody_may_approve": lambda finding, path, causes: path in causes.below or path[:-1] in causes.lacking,
    "overflow_nowhere": lambda finding, path, causes: causes.at(path[:-1], "tiers"),
    "no_choices": _key("choices"),
    "option_not_here": lambda finding, path, causes: causes.at(path[:-1], "type"),
    "expired_without_within": lambda finding, path, causes: causes.at(path[:-1], "within"),
    "keep_outside": _not_listed,
    "unknown_input": _not_listed,
    "not_automatic": _said_to_be_automatic,
    "no_message_input": _key("fields"),
    "no_default": _below,
    "branch_never_taken": _covered,
    "level_never_matches": _covered,
    "bad_step": _below,
    "bad_assign": lambda finding, path, causes: path in causes.below or path in {owner for owner, _ in causes.keys},
    "macro_of": _below,
    "dead_end": _stuck,
    "no_way_to_final": _stuck,
    "no_final_state": _without_end,
    "unreachable_state": _unreached,
    "unused_action": _unused,
    "unused_calendar": _calendar_not_named,
    "no_calendar": _calendar_not_named,
    "no_hours": _below,
    "open_without_hours": _around(2, "hours"),
    "no_promise": _key("first_response", "resolution"),
    "nothing_to_pause": _around(2, "sla"),
    "unused_routing": _named_anywhere("unknown_strategy"),
    "nothing_to_pay": _named_anywhere("unknown_action_type"),
    "unused_webhook": _named_anywhere("unknown_webhook"),
    "closes_nothing": _key("to"),
    "field_never_asked": _not_asked,
}
