"""Mistakes in `routing`, each found at its place. `§` marks where the finding must point."""

# ruff: noqa: E501 - a table of mistakes reads in lines, however long

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.workflows import check
from tests.workflows.mistakes import changed, found

ENTRY = "by_load: {by: least_busy, prefer: [ticket_owner, last_agent], capacity: {chat: 3, email: 20}, tiers: [junior, senior], overflow_after: 2m}"
SMALL = (Path(__file__).parent / "small.yaml").read_text()
DESK = SMALL.replace("by: least_busy", "by: by_load") + f"routing:\n  {ENTRY}\n"

MISTAKES = [
    ("name_taken", "error", "by_load: {by", "by_load: {by: round_robin}\n  §least_busy: {by"),
    ("unused_routing", "warning", "by_load: {by", "by_load: {by: round_robin}\n  §other: {by"),
    ("unknown_strategy", "error", "{by: least_busy,", "{by: §least_bussy,"),
    ("unknown_strategy", "error", "group: front, by: by_load", "group: front, by: §by_laod"),
    ("route_of_route", "error", "{by: least_busy,", "{by: §by_load,"),
    ("unknown_value", "error", "[ticket_owner,", "[§ticket_owners,"),
    ("said_twice", "error", "[ticket_owner,", "[ticket_owner, §ticket_owner,"),
    ("unknown_channel", "error", "email: 20", "§emails: 20"),
    ("no_capacity", "error", "email: 20", "email: §0"),
    ("not_a_number", "error", "email: 20", "email: §many"),
    ("said_twice", "error", "[junior, senior]", "[junior, §junior]"),
    ("overflow_nowhere", "error", "tiers: [junior, senior], overflow_after: 2m", "overflow_after: §2m"),
    ("no_tiers", "warning", "{by: least_busy, prefer: [ticket_owner, last_agent], capacity: {chat: 3, email: 20}, tiers: [junior, senior], overflow_after: 2m}", "{by: §first_line_first}"),
    ("no_tiers", "warning", "group: front, by: by_load", "group: front, by: §experienced_first"),
    ("no_calendar", "error", "overflow_after: 2m", "overflow_after: §2h business"),
    ("bad_duration", "error", "overflow_after: 2m", "overflow_after: §soon"),
    ("missing_key", "error", "by_load: {by: least_busy,", "§by_load: {"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "severity", "stands", "instead"), MISTAKES)
def test_a_mistake_is_found_at_its_place(code: str, severity: str, stands: str, instead: str) -> None:
    assert found(code, changed(DESK, stands, instead)).severity == severity


def test_the_entry_is_clean_and_a_typo_is_answered_with_the_word_that_was_meant() -> None:
    assert check.run_text(DESK).findings == []
    (finding,) = check.run_text(DESK.replace("group: front, by: by_load", "group: front, by: leest_busy")).findings[:1]
    assert finding.hint == "Did you mean “least_busy”?"
