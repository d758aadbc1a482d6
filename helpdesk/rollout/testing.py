"""Running the `tests` of a workflow file: through the real doors, on a desk in memory, by a clock that is set.

`run` is asked by `helpdesk workflow test` and by whoever is about to adopt a text. Nothing here decides what an action
does; it plays the steps and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from helpdesk.rollout import stage as stages
from helpdesk.rollout.play import Play
from helpdesk.rollout.report import Failure, Report, Result, Transition
from helpdesk.workflows import check
from helpdesk.workflows.moves import moves
from helpdesk.workflows.schema import Desk, Test

Texts = str | bytes | Mapping[str, str] | Mapping[str, bytes] | Mapping[str, str | bytes]


def run(texts: Texts, *, done: Callable[[Result], None] | None = None) -> Report:
    """Run all tests of a workflow: one text, or texts by the names of their files (`load.read_texts`).

    `done` is called after each test. A file with errors is not run; the report then holds them as `findings`.
    """
    named = _named(texts)
    loaded = check.run_texts(named)
    if loaded.desk is None:
        return Report(findings=tuple(finding for finding in loaded.findings if finding.severity == "error"))
    results: list[Result] = []
    seen: set[Transition] = set()
    with stages.raised(named) as stage:
        for test in loaded.desk.tests:
            with stage.fresh():
                failures, moved = _play(loaded.desk, test)
            seen |= moved
            results.append(Result(test.name, test.at.file, test.at.line, tuple(failures)))
            if done:
                done(results[-1])
    arrows = transitions(loaded.desk)
    return Report(tuple(results), frozenset(seen & arrows), tuple(sorted(arrows - seen)))


def transitions(desk: Desk) -> set[Transition]:
    """Every arrow of every workflow."""
    return {
        Transition(workflow.name, move.source, move.action, move.to)
        for workflow in desk.workflows.values()
        for move in moves(workflow)
    }


def _play(desk: Desk, test: Test) -> tuple[list[Failure], set[Transition]]:
    """One test from its beginning; what comes after a step that failed would only repeat it, so it is left out."""
    play = Play(desk, test)
    failures = play.begin()
    for number, step in enumerate(test.steps, 1):
        if failures:
            break
        failures = play.step(number, step)
    return failures, play.moved()


def _named(texts: Texts) -> dict[str, str]:
    files = texts if isinstance(texts, Mapping) else {"workflows.yaml": texts}
    return {name: text if isinstance(text, str) else text.decode("utf-8", "replace") for name, text in files.items()}
