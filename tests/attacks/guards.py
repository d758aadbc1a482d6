"""Guards taken out one at a time, in a copy of the program: what tests/attacks/guards.yaml says, and how it is done.

Used by the proof beside it, which runs the tests a row names, and by `tests/house/test_guards.py`, which only reads.
The tree the tests were started in is never written to.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
LIST = "tests/attacks/guards.yaml"
COPIED = ("helpdesk", "tests", "migrations", "config.py", "workflows.yaml", "pyproject.toml")
LONGEST = 300  # seconds that the tests of one row may take
WORDS = (
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "tests.plugins.verdicts",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)
ASSERTIONS = {"AssertionError", "Failed"}  # `Failed`: what was to raise did not


@dataclass(frozen=True)
class Change:
    """A piece of text of a file, and what stands in its place once the guard is out."""

    file: str
    text: str
    instead: str

    def times(self, root: Path = ROOT) -> int:
        """How often the text is there; one is right."""
        place = root / self.file
        return place.read_text().count(self.text) if place.is_file() else 0


@dataclass(frozen=True)
class Row:
    """One guard. `out`: all that must go at once, where a second wall stands behind it. `fails`: the tests that must
    fail then, by an assertion; or `by` this error, where a wall that cannot be taken out stops what they try.
    """

    kind: str
    number: int
    what: str
    out: tuple[Change, ...]
    fails: tuple[str, ...]
    by: str = ""

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.number}-{self.what}".replace(" ", "-")

    def missing(self) -> list[str]:
        """A sentence for each piece of text that is not where the row says."""
        return [
            f"The guard of {self.kind} {self.number} has moved: {each.file} has {each.times()} times: {each.text}"
            for each in self.out
            if each.times() != 1
        ]


@dataclass(frozen=True)
class Verdict:
    """How one case of a test ended. `error`: the names of its error's classes; `says`: what the error said."""

    test: str
    when: str
    outcome: str
    error: tuple[str, ...]
    says: str

    def is_of(self, named: str) -> bool:
        """Whether it is a case of this test; a name without brackets means all its cases."""
        return self.test == named or self.test.startswith(f"{named}[")


@cache
def rows() -> tuple[Row, ...]:
    listed: list[dict[str, Any]] = yaml.safe_load((ROOT / LIST).read_text())
    return tuple(
        Row(
            kind="attack" if "attack" in each else "fault",
            number=each["attack"] if "attack" in each else each["fault"],
            what=each["what"],
            out=tuple(Change(**change) for change in each["out"]),
            fails=tuple(each["fails"]),
            by=each.get("by", ""),
        )
        for each in listed
    )


class Copy:
    """The program and its tests in a folder of their own, where guards may be taken out."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._warm: subprocess.Popen[str] | None = None
        place.mkdir()
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place / name)  # with what was compiled, which saves half the time
            else:
                shutil.copy2(ROOT / name, place / name)

    @contextmanager
    def without(self, changes: Sequence[Change]) -> Iterator[None]:
        """The copy with these changes made; afterwards it is whole again."""
        try:
            for each in changes:
                file = self.place / each.file
                file.write_text(file.read_text().replace(each.text, each.instead))
            yield
        finally:
            for each in changes:
                shutil.copy2(ROOT / each.file, self.place / each.file)  # with its time, so what was compiled is good

    def run(self, tests: Sequence[str], *, keep_compiled: bool = False) -> list[Verdict]:
        """Run these tests here, in a process of their own. `keep_compiled`: for a copy that is whole, and only then.
        Raises RuntimeError where they cannot be run at all: what is taken out must leave a program that starts.
        """
        told, printed = self.place / "verdicts.jsonl", self.place / "printed.txt"
        told.write_text("")
        code = self._asked([str(printed), keep_compiled, [*WORDS, *tests]])
        found = [_verdict(line) for line in told.read_text().splitlines()]
        if code not in (0, 1) or not found:
            raise RuntimeError(f"These tests could not be run: {tests}\n{printed.read_text()}")
        return found

    def _asked(self, asked: list[Any]) -> int:
        """The exit code of pytest in a fork of the warm process. One that does not end is killed with it."""
        if self._warm is None:
            names = {"PYTHONPATH": str(self.place), "VERDICTS": str(self.place / "verdicts.jsonl")}
            self._warm = subprocess.Popen(
                [sys.executable, "-m", "tests.attacks.warm"],
                cwd=self.place,
                env={**os.environ, **names},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        assert self._warm.stdin is not None
        assert self._warm.stdout is not None
        self._warm.stdin.write(json.dumps(asked) + "\n")
        self._warm.stdin.flush()
        if not select.select([self._warm.stdout], [], [], LONGEST)[0]:
            self.end()
            raise RuntimeError(f"It did not end within {LONGEST} seconds: {asked}")
        return int(self._warm.stdout.readline())

    def end(self) -> None:
        """End the warm process, with whatever it has begun."""
        process, self._warm = self._warm, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _verdict(line: str) -> Verdict:
    said = json.loads(line)
    return Verdict(said["test"], said["when"], said["outcome"], tuple(said["error"]), said["says"])


def trouble_whole(row: Row, verdicts: Sequence[Verdict]) -> list[str]:
    """A sentence for each test of the row that does not pass with every guard in its place."""
    wrong = []
    for named in row.fails:
        cases = [each for each in verdicts if each.is_of(named)]
        if not any(each.when == "call" for each in cases):
            wrong.append(f"{named} did not run")
        failed = [each for each in cases if each.outcome == "failed"]
        wrong += [f"{each.test} fails with every guard in its place: {each.says}" for each in failed]
    return wrong


def trouble_without(row: Row, verdicts: Sequence[Verdict]) -> list[str]:
    """A sentence for each test of the row that did not fail as a test of a guard must: by an assertion of its own. What
    else goes wrong while it is cleared away does not matter.
    """
    wrong, expected = [], {row.by} if row.by else ASSERTIONS
    for named in row.fails:
        failed = [each for each in verdicts if each.is_of(named) and each.outcome == "failed"]
        if not failed:
            wrong.append(f"{named} passes with the guard of {row.kind} {row.number} taken out")
        elif all(each.when == "teardown" for each in failed):
            wrong.append(f"{named} fails only while it is cleared away: {failed[0].says}")
        wrong += [
            f"{each.test} fails ({each.when}), but not by an assertion: {each.says}"
            for each in failed
            if each.when == "setup" or (each.when == "call" and not expected & set(each.error))
        ]
    return wrong
