"""Each guard is taken out of a copy of the program, and the tests that are said to hold it must fail.

`make prove ARGS="-k guards_out"`; one attack alone with `-k "guards_out and attack-59-"`. What is taken out, and which
tests must see it, is listed in guards.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import pytest

from tests.attacks.guards import Copy, Row, Verdict, rows, trouble_whole, trouble_without

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    made = Copy(tmp_path_factory.mktemp("guards") / "copy")
    yield made
    made.end()


@pytest.fixture(scope="module")
def whole(copy: Copy, request: pytest.FixtureRequest) -> Callable[[Row], Sequence[Verdict]]:
    """How a row's tests end while every guard is in its place. All that is asked of one file of tests runs at once."""
    ours = [item.callspec.params["row"] for item in request.session.items if item.module is request.module]
    asked = {test for row in ours for test in row.fails}

    @cache
    def of_file(file: str) -> Sequence[Verdict]:
        tests = sorted(test for test in asked if test.startswith(f"{file}::"))
        return copy.run(tests, keep_compiled=True)

    def of_row(row: Row) -> Sequence[Verdict]:
        return [each for file in {test.partition("::")[0] for test in row.fails} for each in of_file(file)]

    return of_row


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_without_the_guard_its_tests_fail(copy: Copy, whole: Callable[[Row], Sequence[Verdict]], row: Row) -> None:
    found = row.missing() or trouble_whole(row, whole(row))
    if not found:
        with copy.without(row.out):
            found = trouble_without(row, copy.run(row.fails))
    if found:
        pytest.fail("\n".join(found), pytrace=False)
