"""Mistakes in a desk, as they are written in the tables of tests: `§` marks where the finding must point."""

from __future__ import annotations

from helpdesk.workflows import check
from helpdesk.workflows.findings import Finding


def changed(desk: str, stands: str, instead: str) -> str:
    """The desk with `instead` where `stands` stood."""
    assert stands in desk, "the case must change something"
    return desk.replace(stands, instead, 1)


def found(code: str, marked: str) -> Finding:
    """What is found of this code at the mark, or anywhere where there is none."""
    before, mark, after = marked.partition("§")
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    findings = check.run_text(before + after).findings
    there = [each for each in findings if each.code == code and (not mark or (each.line, each.column) == place)]
    assert there, "\n".join([f"{code} at {place} is not among", *map(str, findings)])
    return there[0]
