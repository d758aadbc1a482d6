"""A second set of mistaken files, made from two whole desks by changing one or two places: `mistakes.yaml` says which,
and what must be found where, and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk.workflows import check

HERE = Path(__file__).parent
DESKS = {name: (HERE / f"{name}.yaml").read_text() for name in ("example", "laundry")}
MISTAKES = yaml.safe_load((HERE / "mistakes.yaml").read_text())


def test_the_desks_are_clean_before() -> None:
    assert [check.run_text(text).findings for text in DESKS.values()] == [[], []]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["it"])
def test_it_is_found_at_its_place_and_nothing_else(mistake: dict[str, Any]) -> None:
    findings = check.run_text(changed(mistake)).findings
    seen = [f"{each.code} {each.line}:{each.column} {each.path or '.'}" for each in findings]
    assert seen == mistake["finds"], "\n".join(map(str, findings))
    said = " ".join(f"{each.message} {each.hint}" for each in findings)
    assert mistake.get("meant", "") in said


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_other_line_ends_and_a_mark_at_the_beginning_change_no_place(line_end: str) -> None:
    for mistake in (each for each in MISTAKES if each["it"] in ("to_unknown", "tpl_lang", "two_same_line")):
        text = changed(mistake)
        findings = check.run_text(("\ufeff" + text.replace("\n", line_end)).encode()).findings
        assert [f"{each.code} {each.line}:{each.column} {each.path}" for each in findings] == mistake["finds"]


def changed(mistake: dict[str, Any]) -> str:
    text = DESKS[mistake["desk"]]
    for stands, instead in mistake["change"]:
        assert text.count(stands) == 1, f"{stands!r} stands {text.count(stands)} times"
        text = text.replace(stands, instead)
    return text
