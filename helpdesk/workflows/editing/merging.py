"""Two changes of one text brought together: what one administrator wrote, and what another put in force meanwhile.
Called in the editor's child process, as `diff` is.

Lines decide. Where both changed the same lines, or lines that touch, only a person can say what is meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple


class Change(NamedTuple):
    """The lines from `start` up to `end` became `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


def together(base: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]) -> dict[str, str] | None:
    """The texts with both changes in them, or None where they meet. `base` is what both began with."""
    merged: dict[str, str] = {}
    for name in dict.fromkeys([*theirs, *mine]):
        before, other, own = base.get(name), theirs.get(name), mine.get(name)
        if own in (other, before):
            text = other
        elif other == before:
            text = own
        elif before is None or other is None or own is None:  # it came twice, or was changed here and removed there
            return None
        else:
            text = _with_both(before.split("\n"), other.split("\n"), own.split("\n"))
            if text is None:
                return None
        if text is not None:
            merged[name] = text
    return merged


def _with_both(base: list[str], theirs: list[str], mine: list[str]) -> str | None:
    changes = sorted({*_changes(base, theirs), *_changes(base, mine)})
    if any(later.start <= earlier.end for earlier, later in pairwise(changes)):
        return None
    lines, upto = [], 0
    for change in changes:
        lines += base[upto : change.start]
        lines += change.lines
        upto = change.end
    return "\n".join(lines + base[upto:])


def _changes(base: list[str], after: list[str]) -> list[Change]:
    codes = difflib.SequenceMatcher(None, base, after, autojunk=False).get_opcodes()
    return [Change(i1, i2, tuple(after[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag != "equal"]
