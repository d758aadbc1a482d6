"""What a check finds about macros and moves, at its line and column."""

from __future__ import annotations

import pytest

from helpdesk.workflows import check

DESK = """\
version: 1
company: {name: Acme}
roles:
  agent: {label: Agent, may: [create]}
workflows:
  case:
    label: Cases
    initial: new
    ref: "C-{number}"
    states:
      new: {label: New, customer_label: New, visible_to: [agent], actions: [go, say, close], on_message: {other: say}}
      done: {label: Done, customer_label: Done, visible_to: [agent], final: true}
    actions:
      say: {type: comment, label: Say, allow: [agent], fields: [message]}
      close: {type: close, label: Close, allow: [agent], to: done}
      go: ACTION
  other:
    label: Others
    initial: fresh
    ref: "O-{number}"
    states:
      fresh: {label: New, customer_label: New, visible_to: [agent], actions: [end]}
      late: {label: Late, customer_label: Late, visible_to: [agent], actions: [end]}
      over: {label: Over, customer_label: Over, visible_to: [agent], final: true}
    actions:
      end: {type: close, label: End, allow: [agent], to: over}
"""
GO = "{type: move, label: Go, allow: [agent], workflow: other, to: late}"


def found(action: str, **swaps: str) -> list[tuple[str, int, int]]:
    text = DESK.replace("ACTION", action)
    for old, new in swaps.items():
        text = text.replace(old, new)
    return [(each.code, each.line, each.column) for each in check.run_text(text).findings]


def test_a_move_to_a_state_that_only_it_leads_to_is_clean() -> None:
    assert found(GO) == []


@pytest.mark.parametrize(
    ("action", "code", "column"),
    [
        ("{type: move, label: Go, allow: [agent], workflow: case, to: done}", "move_within", 61),
        ("{type: move, label: Go, allow: [agent], workflow: othre}", "unknown_workflow", 61),
        ("{type: move, label: Go, allow: [agent], workflow: other, to: done}", "unknown_state", 72),
        ("{type: move, label: Go, allow: [agent], workflow: other, to: same}", "unknown_state", 72),
        ("{type: move, label: Go, allow: [agent]}", "missing_key", 7),
        ("{type: move, label: Go, allow: [agent], customer: run, workflow: other}", "not_for_customers", 61),
        ("{type: merge, label: Go, allow: [agent]}", "nobody_may_run", 7),
        ("{type: macro, label: Go, allow: [agent], run: []}", "macro_of", 57),
        ("{type: macro, label: Go, allow: [agent], run: [say, go]}", "macro_of", 63),
        ("{type: macro, label: Go, allow: [agent], run: [say, sya]}", "unknown_action", 63),
        ("{type: macro, label: Go, automatic: true, run: [say]}", "needs_input", 7),
        ("{type: macro, label: Go, allow: [agent]}", "missing_key", 7),
    ],
)
def test_what_is_wrong_stands_where_it_is_written(action: str, code: str, column: int) -> None:
    late = [] if "to: late" in action else [("unreachable_state", 23, 7)]
    offered = [("automatic_offered", 11, 77)] if "automatic" in action else []
    assert sorted(set(found(action)) - set(late)) == sorted([(code, 16, column), *offered])


def test_a_message_runs_no_macro_and_no_move() -> None:
    by_message = {"{other: say}": "{other: go}"}
    assert ("not_by_message", 11, 114) in found(GO, **by_message)
    assert ("not_by_message", 11, 114) in found("{type: macro, label: Go, allow: [agent], run: [say]}", **by_message)


def test_what_only_a_macro_runs_is_used_and_leads_on() -> None:
    macro = "{type: macro, label: Go, allow: [agent], run: [say, close]}"
    assert found(macro, **{"[go, say, close]": "[go]"}) == [("unreachable_state", 23, 7)]
    nobody = {"[go, say, close]": "[go]", "Close, allow: [agent],": "Close,"}
    assert ("nobody_may_run", 15, 7) in found(macro, **nobody)
