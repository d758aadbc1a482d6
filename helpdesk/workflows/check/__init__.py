"""What can be wrong with a desk that can be read: one family of findings a file.

`run_file`, `run_text` and `run_texts` load and check; the answer is a `Loaded` with everything that was found, in the
order of the file. Used by `helpdesk workflow check`, by adopting a revision and by the editor. Opens no database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from helpdesk.workflows.check import (
    actions,
    answers,
    approvals,
    beyond,
    branches,
    calendars,
    comparisons,
    fields,
    graph,
    loops,
    offers,
    outside,
    people,
    ratings,
    routing,
    service_levels,
    sources,
    states,
    templates,
    tests,
)
from helpdesk.workflows.check.consequences import without_consequences
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.enclosures import Beside
from helpdesk.workflows.findings import Finding, Severity, found, in_order
from helpdesk.workflows.folder import Folder
from helpdesk.workflows.load import Loaded, load_texts, read_texts
from helpdesk.workflows.scalars import MOST
from helpdesk.workflows.schema import Desk, Position

FAMILIES: tuple[Callable[[Whole], Iterator[Finding]], ...] = (
    graph.check,
    states.check,
    actions.check,
    beyond.check,
    approvals.check,
    ratings.check,
    loops.check,
    offers.check,
    branches.check,
    comparisons.check,
    people.check,
    fields.check,
    templates.check,
    answers.check,
    calendars.check,
    service_levels.check,
    sources.check,
    routing.check,
    outside.check,
    tests.check,
)


MOST_ARROWS = (
    200_000  # only a hostile file has more: a desk of forty workflows with a hundred states each has some 40,000
)


def run_file(path: str | Path, *, allow_later: bool = False) -> Loaded:
    """Check a file or a folder. Raises OSError if it cannot be read at all."""
    return run_texts(read_texts(path), allow_later=allow_later, beside=Folder(path))


def run_text(text: str | bytes, file: str = "workflows.yaml", *, allow_later: bool = False) -> Loaded:
    return run_texts({file: text}, allow_later=allow_later)


def run_texts(texts: Mapping[str, str | bytes], *, allow_later: bool = False, beside: Beside | None = None) -> Loaded:
    """Check texts by the names of their files. `desk` is None while there are errors. `beside`: where the files of
    ready answers are; absent = nobody looks for them.
    """
    loaded = load_texts(texts, allow_later=allow_later)
    if loaded.draft is None:
        return loaded
    whole = Whole(loaded.draft, loaded.uses, loaded.places, beside)
    families = FAMILIES if _arrows(loaded.draft) <= MOST_ARROWS else (_too_large,)
    everything = [*loaded.findings, *(finding for family in families for finding in family(whole))]
    findings = in_order(without_consequences(everything, loaded.draft))
    broken = _grave(findings)
    return replace(loaded, findings=_first(findings), desk=None if broken else loaded.desk)


def _grave(findings: list[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _first(findings: list[Finding]) -> list[Finding]:
    """As many as anybody reads, and the word that there are more."""
    if len(findings) <= MOST:
        return findings
    last = findings[MOST - 1]
    at = Position(last.file, last.line, last.column)
    sentence = f"There is more; these are the first {MOST} findings."
    severity: Severity = "error" if _grave(findings[MOST:]) else "warning"
    return [*findings[:MOST], found("and_more", sentence, at=at, severity=severity)]


def _arrows(desk: Desk) -> int:
    """How many buttons the desk would show in all its states."""
    return sum(
        sum(len(state.actions) + len(workflow.always) for state in workflow.states.values())
        for workflow in desk.workflows.values()
    )


def _too_large(whole: Whole) -> Iterator[Finding]:
    yield whole.at_key("too_big", "The desk has more states and actions than can be checked.", ("workflows",))
