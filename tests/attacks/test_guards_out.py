"""Each guard is taken out of a copy of the program, and the tests that are said to hold it must fail.

`make prove ARGS="-k guards_out"`; one attack alone with `-k "guards_out and attack-59-"`. What is taken out, and which
tests must see it, is listed in guards.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.attacks.guards import Copy, Row, Verdict, rows, trouble_whole, trouble_without

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("guards") / "copy")


@pytest.fixture(scope="module")
def whole(copy: Copy, request: pytest.FixtureRequest) -> Sequence[Verdict]:
    """How the tests of all rows that were asked for end while every guard is in its place."""
    asked = [item.callspec.params["row"] for item in request.session.items if item.module is request.module]
    return copy.run(sorted({test for row in asked for test in row.fails}), keep_compiled=True)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_without_the_guard_its_tests_fail(copy: Copy, whole: Sequence[Verdict], row: Row) -> None:
    found = row.missing() or [line for test in row.fails for line in trouble_whole(test, whole)]
    if not found:
        with copy.without(row.out):
            found = trouble_without(row, copy.run(row.fails))
    if found:
        pytest.fail("\n".join(found), pytrace=False)
