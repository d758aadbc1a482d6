"""The table of docs/security.md names guards and tests that exist, and every attack that must be held has its line."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \| `([^`|]+)` \|$", re.MULTILINE)
HELD = {
    *range(1, 48), 53, 55, 56, 58, 59, 65, *range(67, 72), *range(82, 87), 88, 90, 91, 92,
    *range(94, 99),
}  # fmt: skip


def rows() -> list[tuple[int, list[str], str]]:
    """Attack, files of the guard, test."""
    page = (ROOT / "docs/security.md").read_text()
    return [(int(number), re.findall(r"`([^`]+)`", guard), test) for number, guard, test in ROW.findall(page)]


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_attack_that_must_be_held_has_its_line() -> None:
    assert {number for number, _, _ in rows()} >= HELD
    assert len(rows()) == (ROOT / "docs/security.md").read_text().count("| `tests/"), "a line that cannot be read"


def test_every_guard_and_every_test_named_there_exists() -> None:
    for number, guards, test in rows():
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), (number, file)
        assert name in names_in(file), (number, test)
        assert guards, number
        assert all((ROOT / guard).is_file() for guard in guards), (number, guards)
