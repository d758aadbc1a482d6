"""What came of a workflow's own tests: plain data for the command line, the editor and scripts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from helpdesk.workflows.findings import Finding


@dataclass(frozen=True)
class Failure:
    """One thing that was not as the file says. `step` counts from 1; 0 is how the ticket begins (`given`)."""

    test: str
    step: int
    file: str
    line: int
    expected: str
    seen: str

    @property
    def message(self) -> str:
        where = f"step {self.step}" if self.step else "the beginning"
        return f"“{self.test}”, {where}: expected {self.expected}; {self.seen}."

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, order=True)
class Transition:
    """An arrow of the workflow: from `state` by `action` to `to`."""

    workflow: str
    state: str
    action: str
    to: str

    def __str__(self) -> str:
        return f"{self.workflow}: {self.state} → {self.to} by {self.action}"


@dataclass(frozen=True)
class Result:
    """One test; it passed when there is no failure."""

    name: str
    file: str
    line: int
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Report:
    """All tests of a file. `findings` are errors that keep it from being run at all; then there are no results."""

    results: tuple[Result, ...] = ()
    covered: frozenset[Transition] = frozenset()
    untested: tuple[Transition, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def failures(self) -> tuple[Failure, ...]:
        return tuple(failure for result in self.results for failure in result.failures)

    @property
    def passed(self) -> bool:
        return not self.findings and not self.failures

    def as_dict(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "tests": [
                {
                    "name": result.name,
                    "file": result.file,
                    "line": result.line,
                    "passed": not result.failures,
                    "failures": [asdict(failure) | {"message": failure.message} for failure in result.failures],
                }
                for result in self.results
            ],
            "transitions": {
                "covered": [asdict(each) for each in sorted(self.covered)],
                "untested": [asdict(each) for each in self.untested],
            },
            "findings": [finding.as_dict() for finding in self.findings],
        }
