"""What changed from one desk to another, in words."""

from __future__ import annotations

from helpdesk.rollout.differences import between
from helpdesk.workflows.load import load_texts
from tests.rollout.changes import DESK, RENAMED, changed


def told(*changes: tuple[str, str]) -> list[str]:
    before, after = load_texts({"w": DESK}).desk, load_texts({**changed(*changes)}).desk
    assert before is not None
    assert after is not None
    return [str(each) for each in between(before, after)]


def test_a_change_is_told_by_its_keys_with_both_values() -> None:
    assert told(("label: Quote a price", "label: Name a price")) == [
        "The action “quote” of “repair” changed. `label`: “Quote a price” → “Name a price”."
    ]
    assert told(("{after: 7d, do: close_silent}", "{after: 5d, do: close_silent}")) == [
        "The state “waiting” of “repair” changed. `timers`: “close_silent after 7d” → “close_silent after 5d”."
    ]
    assert told(("allow: [agent, accountant], customer: see, to: done", "allow: [agent], customer: run, to: done")) == [
        "The action “close” of “repair” changed. `allow`: − accountant. `customer`: “see” → “run”."
    ]
    assert told(('[{when: "fields.price > 1000", to: workshop}, ', "[")) == [
        "The action “quote” of “repair” changed. `to`: − workshop if fields.price > 1000."
    ]


def test_a_shared_field_is_told_of_once_not_wherever_it_is_asked() -> None:
    assert told(("label: Serial number", "label: Serial")) == [
        "The field “serial” changed. `label`: “Serial number” → “Serial”."
    ]


def test_what_comes_goes_and_gets_another_name() -> None:
    assert told(("      take: {", "      grab: {"), ("always: [take", "always: [grab")) == [
        "The workflow “repair” changed. `always`: + grab; − take.",
        "There is a new action “grab” of “repair”.",
        "The action “take” of “repair” is gone.",
    ]
    before, after = load_texts({"w": DESK}).desk, load_texts({**RENAMED}).desk
    assert before is not None
    assert after is not None
    assert str(between(before, after)[0]) == "The state “waiting” of “repair” is called “on_hold” now."


def test_lines_that_move_are_no_difference() -> None:
    assert told(("version: 1\n", "# One\n# Two\nversion: 1\n")) == []
