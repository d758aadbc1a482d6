"""A check answers at once: no database, little work beyond starting Python, and a bound on what it says.

What is counted is the processor's time, best of several, and the bounds are wide: a busy machine must not fail here.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpdesk.workflows import check

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHOP = (HERE / "correct/shop.yaml").read_text()


def used(*arguments: str, times: int = 3) -> float:
    """Seconds of the processor that a process takes, at best."""
    return min(_used_once(arguments) for _ in range(times))


def _used_once(arguments: tuple[str, ...]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HELPDESK_DATABASE_URL": "nonsense://"}
    subprocess.run([sys.executable, *arguments], env=environment, check=False, capture_output=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def many_workflows(lines: int) -> str:
    """The shop's file grown to so many lines: the same workflow again and again."""
    head, _, rest = SHOP.partition("workflows:\n")
    workflow, _, doors = rest.partition("sources:\n")
    written, number = workflow, 1
    while written.count("\n") < lines:
        again = workflow.replace("  orders:\n", f"  orders{number}:\n", 1)
        written += again.replace("O-{number}", f"O-{number}-{{number}}")
        asked = "fields: [name, email, order, message]"
        doors = f"  f{number}: {{type: form, slug: f{number}, workflow: orders{number}, {asked}}}\n{doors}"
        number += 1
    return f"{head}workflows:\n{written}sources:\n{doors}"


@pytest.mark.parametrize("file", ["correct/shop.yaml", "broken/names/timezone_typo.yaml", "broken/names/region.yaml"])
def test_the_command_takes_little_beyond_starting_python(file: str) -> None:
    """Without a database, even one that could not be opened; the aim is 0.3 seconds, a busy machine has 0.9."""
    command = ("-m", "helpdesk.cli", "workflow", "check", str(HERE / file))
    assert used(*command) - used("-c", "pass") < 0.9


def test_five_thousand_lines_are_checked_in_two_seconds() -> None:
    text = many_workflows(5000)
    began = time.process_time()
    assert check.run_text(text).findings == []
    assert time.process_time() - began < 6


def test_a_thousand_warnings_keep_no_desk_from_running() -> None:
    head, _, rest = SHOP.partition("      done:\n")
    going = "".join(f"      old{n}: {{label: Old, hidden_from_customer: true, move_to: done}}\n" for n in range(1100))
    loaded = check.run_text(f"{head}{going}      done:\n{rest}")
    assert {each.severity for each in loaded.findings} == {"warning"}
    assert [each.code for each in loaded.findings[-2:]] == ["seen_by_all", "and_more"]
    assert loaded.desk is not None


WRONG = {
    "keys": lambda text: re.sub(r"(?m)^( {6,}(?:- )?)([a-z_]+):", r"\1\2x:", text),
    "names": lambda text: re.sub(r"\b(helper|waiting|lead|note|answer)\b", r"\1x", text),
    "values": lambda text: re.sub(r": (true|\d+d|\[[a-z, ]+\])", ": {a: b}", text),
    "types": lambda text: re.sub(r"type: [a-z_]+", "type: mistake", text),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_file_in_which_everything_is_wrong_is_no_slower_and_its_findings_end(kind: str) -> None:
    text = WRONG[kind](many_workflows(5000))
    began = time.process_time()
    findings = check.run_text(text).findings
    assert time.process_time() - began < 6
    assert len(findings) <= 1001
    if len(findings) == 1001:
        assert (findings[-1].code, findings[-1].line) == ("and_more", findings[-2].line)
