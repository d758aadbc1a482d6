"""What became of each test, for a program that started pytest and wants to know why one failed, not only that it did.

Loaded by `tests/attacks/guards.py` alone (`-p tests.plugins.verdicts`). A line for each phase of each test goes to the
file that VERDICTS names: the test, the phase, how it ended, and the classes of the error it ended with. To save time a
test runs on PostgreSQL only where it was named for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = [each for each in items if "postgresql" not in each.name or each.nodeid in config.args]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    error = call.excinfo
    line = {
        "test": item.nodeid,
        "when": report.when,
        "outcome": report.outcome,
        "error": [each.__name__ for each in error.type.__mro__] if error else [],
        "says": error.exconly(tryshort=True)[:500] if error else "",
    }
    with Path(os.environ["VERDICTS"]).open("a") as file:
        file.write(json.dumps(line) + "\n")
    return report
