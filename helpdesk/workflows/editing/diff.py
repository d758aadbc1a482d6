"""What changed from one set of texts to another, line by line, with some unchanged lines around. Called in the editor's
child process: comparing two long texts takes a while.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

AROUND = 3  # unchanged lines that are shown beside a change
MOST = 4000  # lines of a difference that anybody reads


def compared(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, Any]]:
    """A piece for each file that changed: its name, how many lines came and went, and its `hunks`. A line has `kind`
    (same, gone, new), the numbers it has on both sides, and its text.
    """
    files = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name, "").split("\n"), after.get(name, "").split("\n")
        if old == new:
            continue
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        hunks = [_hunk(group, old, new) for group in matcher.get_grouped_opcodes(AROUND)]
        kinds = [line["kind"] for hunk in hunks for line in hunk]
        files.append({"name": name, "new": kinds.count("new"), "gone": kinds.count("gone"), "hunks": _bounded(hunks)})
    return files


def _hunk(group: list[tuple[str, int, int, int, int]], old: list[str], new: list[str]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            lines += [_line("same", i + 1, j + 1, old[i]) for i, j in zip(range(i1, i2), range(j1, j2), strict=True)]
        else:
            lines += [_line("gone", i + 1, None, old[i]) for i in range(i1, i2)]
            lines += [_line("new", None, j + 1, new[j]) for j in range(j1, j2)]
    return lines


def _line(kind: str, old: int | None, new: int | None, text: str) -> dict[str, Any]:
    return {"kind": kind, "old": old, "new": new, "text": text[:2000]}


def _bounded(hunks: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    left, shown = MOST, []
    for hunk in hunks:
        if left <= 0:
            break
        shown.append(hunk[:left])
        left -= len(hunk)
    return shown
