"""Two administrators changed one text: what stands apart is brought together, what meets is left to a person (attack
95).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.workflows.editing import work
from helpdesk.workflows.editing.merging import together

SHIPPED = (Path(__file__).parents[2] / "workflows.yaml").read_text()


def merged(base: str, theirs: str, mine: str) -> str | None:
    found = together({"w.yaml": base}, {"w.yaml": theirs}, {"w.yaml": mine})
    return None if found is None else found["w.yaml"]


def as_lines(words: str) -> str:
    return words.replace(" ", "\n")


@pytest.mark.parametrize(
    ("theirs", "mine", "both"),
    [
        ("A b c d e", "a b c d E", "A b c d E"),
        ("b c d e", "a b c d e f", "b c d e f"),
        ("a b x y c d e", "a b c d", "a b x y c d"),
        ("A b c d e", "A b c d E", "A b c d E"),  # the same word changed alike by both
        ("a b c d e", "a b c d E", "a b c d E"),
        ("a b c d E", "a b c d e", "a b c d E"),
    ],
)
def test_what_stands_apart_comes_together(theirs: str, mine: str, both: str) -> None:
    assert merged(as_lines("a b c d e"), as_lines(theirs), as_lines(mine)) == as_lines(both)
    assert merged(as_lines("a b c d e"), as_lines(mine), as_lines(theirs)) == as_lines(both)


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ("a b X d e", "a b Y d e"),
        ("a X c d e", "a b X d e"),  # lines that touch
        ("a b x c d e", "a b y c d e"),
        ("a b d e", "a b C d e"),
        ("", "a b c d e f"),
    ],
)
def test_what_meets_is_left_to_a_person(theirs: str, mine: str) -> None:
    assert merged(as_lines("a b c d e"), as_lines(theirs), as_lines(mine)) is None
    assert merged(as_lines("a b c d e"), as_lines(mine), as_lines(theirs)) is None


def test_files_come_and_go() -> None:
    base = {"a.yaml": "1", "b.yaml": "2"}
    assert together(base, {**base, "c.yaml": "3"}, {"a.yaml": "1"}) == {"a.yaml": "1", "c.yaml": "3"}
    assert together(base, {"a.yaml": "1"}, {**base, "b.yaml": "changed"}) is None
    assert together(base, {**base, "c.yaml": "3"}, {**base, "c.yaml": "4"}) is None


EDITS = st.dictionaries(
    st.integers(0, 9).map(lambda n: 2 * n), st.sampled_from(["gone", "other", "and more"]), max_size=6
)


@given(edits=EDITS, whose=st.lists(st.booleans(), min_size=20, max_size=20))
def test_no_line_of_either_is_lost_or_made_up(edits: dict[int, str], whose: list[bool]) -> None:
    """Twenty lines; each change of a line is one administrator's or the other's, and none touches the next."""
    base = edited({})
    theirs = edited({line: edit for line, edit in edits.items() if whose[line]})
    mine = edited({line: edit for line, edit in edits.items() if not whose[line]})
    assert merged(base, theirs, mine) == edited(edits)


def edited(edits: dict[int, str]) -> str:
    becomes = {"gone": [], "other": ["other {}"], "and more": ["{}", "more {}"], None: ["{}"]}
    return "\n".join(line.format(number) for number in range(20) for line in becomes[edits.get(number)])


def test_two_changes_of_the_shipped_desk_make_a_file_that_is_whole() -> None:
    theirs = SHIPPED.replace("label: Reply\n", "label: Answer\n", 1)
    mine = SHIPPED.replace("front: {label: Front line", "front: {label: First line", 1)
    assert theirs != SHIPPED != mine
    both = work.both({"w.yaml": SHIPPED}, {"w.yaml": theirs}, {"w.yaml": mine})
    assert both == {"w.yaml": theirs.replace("front: {label: Front line", "front: {label: First line", 1)}
    looked_at = work.ask("look", both, live={}, active={}, places={})
    assert [one for one in looked_at["findings"] if one["severity"] == "error"] == []
