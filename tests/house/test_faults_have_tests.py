"""The table of docs/reliability.md names tests that exist, and every fault that must be held has its line."""

from __future__ import annotations

import re

from tests.house.test_attacks_have_tests import ROOT, names_in

ROW = re.compile(r"^\| (\d+) \| [^|]+ \| [^|]+ \| `([^`|]+)` \|$", re.MULTILINE)
HELD = set(range(1, 22))


def rows() -> list[tuple[int, str]]:
    """Fault, test."""
    return [(int(number), test) for number, test in ROW.findall((ROOT / "docs/reliability.md").read_text())]


def test_every_fault_that_must_be_held_has_its_line() -> None:
    assert {number for number, _ in rows()} >= HELD
    assert len(rows()) == (ROOT / "docs/reliability.md").read_text().count("| `tests/"), "a line that cannot be read"
    assert len(set(rows())) == len(rows()), "a line stands there twice"


def test_every_test_named_there_exists() -> None:
    for number, test in rows():
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), (number, file)
        assert name in names_in(file), (number, test)
