"""What tests/attacks/guards.yaml takes out is still there, so that `make prove` proves what docs/security.md says."""

from __future__ import annotations

import ast
from functools import cache

from tests.attacks.guards import ROOT, rows
from tests.house.test_attacks_have_tests import HELD
from tests.house.test_attacks_have_tests import rows as lines_of_the_table

FAULTS = {27, 29, 31, 32}


@cache
def functions_of(file: str) -> set[str]:
    place = ROOT / file
    tree = ast.parse(place.read_text()) if place.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_guard_is_where_it_was_and_once() -> None:
    missing = [line for row in rows() for line in row.missing()]
    assert not missing, "\n".join(missing)


def test_each_test_that_must_fail_without_a_guard_exists() -> None:
    for row in rows():
        for test in row.fails:
            file, _, name = test.partition("::")
            assert name.partition("[")[0] in functions_of(file), (row.id, test)


def test_no_row_is_empty_or_there_twice() -> None:
    assert len({row.id for row in rows()}) == len(rows())
    for row in rows():
        assert row.out, row.id
        assert row.fails, row.id
        assert all(each.text != each.instead for each in row.out), row.id


def test_each_line_of_the_table_is_proved() -> None:
    """Each guard of docs/security.md is taken out for its attack, and each test beside it must see one go."""
    out = {(row.number, change.file) for row in rows() if row.kind == "attack" for change in row.out}
    seen = {(row.number, test.partition("[")[0]) for row in rows() if row.kind == "attack" for test in row.fails}
    for number, guards, test in lines_of_the_table():
        assert (number, test) in seen, (number, test)
        assert {(number, guard) for guard in guards} <= out, (number, guards)


def test_each_attack_and_fault_that_must_be_held_is_tried() -> None:
    assert {row.number for row in rows() if row.kind == "attack"} >= HELD
    assert {row.number for row in rows() if row.kind == "fault"} >= FAULTS
