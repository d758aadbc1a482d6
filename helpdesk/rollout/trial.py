"""Running a workflow's own tests for somebody who waits: in a child process that is killed after a minute, so that a
test that never ends costs the desk nothing. Asked by the editor; the command line runs them in its own process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk.child import Child, ChildFailed
from helpdesk.errors import NotPossible
from helpdesk.rollout import testing

SECONDS, MEMORY, OUTPUT = 60.0, 512 * 1024 * 1024, 8_000_000

_child = Child("helpdesk.rollout.trial:answer", seconds=SECONDS, memory=MEMORY, output=OUTPUT)


def run(texts: Mapping[str, str]) -> dict[str, Any]:
    """The report of all tests, as `Report.as_dict` gives it. Raises `NotPossible` where they take too long."""
    try:
        return _child.call({"texts": dict(texts)})
    except ChildFailed as failed:
        raise NotPossible(f"The tests did not come to an end: {failed.sentence}") from failed


def answer(payload: dict[str, Any]) -> dict[str, Any]:
    """In the child."""
    return testing.run(payload["texts"]).as_dict()
