"""Files as people get them wrong, each with what must be found in it: these findings, at these places, and no others.

The first lines of a file in `broken/` say what is expected: `# finds: CODE LINE:COLUMN PATH`, and after `meant:` what
sentence and hint must name. A path of `.` is the whole file.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpdesk.workflows import check

BROKEN = Path(__file__).parent / "broken"
FILES = sorted(str(file.relative_to(BROKEN)) for file in BROKEN.rglob("*.yaml"))
_EXPECTED = re.compile(r"# finds: (\w+) (\d+):(\d+) (.+?)(?: meant: (.+))?")


def expected_of(raw: bytes) -> list[tuple[tuple[str, int, int, str], str]]:
    """What the remarks at the top of a file expect, and the word that the hint must name."""
    said = []
    for line in raw.decode(errors="replace").splitlines():
        if not (match := _EXPECTED.fullmatch(line)):
            break
        code, number, column, path, meant = match.groups()
        said.append(((code, int(number), int(column), "" if path == "." else path), meant or ""))
    return said


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_is_found_where_it_is_and_nothing_else(name: str) -> None:
    raw = (BROKEN / name).read_bytes()
    expected = expected_of(raw)
    findings = check.run_file(BROKEN / name, allow_later=True).findings
    seen = [(each.code, each.line, each.column, each.path) for each in findings]
    assert sorted(seen) == sorted(place for place, _ in expected), "\n".join(map(str, findings))
    for place, meant in expected:
        said = [f"{each.message} {each.hint}" for each, where in zip(findings, seen, strict=True) if where == place]
        assert any(meant in words for words in said), f"“{meant}” should be named: {said}"


@pytest.mark.parametrize("name", FILES)
def test_every_finding_is_a_sentence(name: str) -> None:
    for each in check.run_file(BROKEN / name, allow_later=True).findings:
        assert each.message.endswith((".", "?"))
        assert len(each.message) < 250
        assert not each.hint or each.hint.endswith((".", "?", "`"))


def test_there_are_many_kinds_of_mistakes() -> None:
    assert len(FILES) >= 120
