"""Matching what people entered against a pattern of the workflow file, without letting one stop the desk (attack 91).

A regular expression can take for ever on a short text that was made for it. So a pattern whose few ways of matching can
be counted runs here; any other runs in a process that can be killed, and has a second. Called by the kinds of field,
which know how to tell a person, and by `workflow check`, which warns. Knows no field.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

from helpdesk.child import Child, ChildFailed

SECONDS, MEMORY, OUTPUT = 1.0, 32 * 1024 * 1024, 1000
MOST_WAYS = 1_000_000  # tried in some hundredths of a second

_SET = r"\[(?:\\.|[^\]\\])+\]"
_ONE = rf"(?:\\[dDwWsSAZ.\-/+*?()\[\]{{}}|^$\\]|{_SET}|[^\\\[\](){{}}*+?|^$])"
_PIECE = re.compile(rf"{_ONE}(?:\{{(\d+)(?:(,)(\d*))?\}}|([*+?])(?![*+?]))?(?![*+?{{])")
_PART = re.compile(rf"\\.|{_SET}|\(\?(?:<?[=!]|[:>]|P?<\w+>|[aiLmsux-]+[:)])|[()]|[*+]|\{{\d+,\d*\}}|.", re.DOTALL)

_child = Child("helpdesk.text.patterns:work", seconds=SECONDS, memory=MEMORY, output=OUTPUT)
log = logging.getLogger("helpdesk.patterns")


class NotMatched(Exception):
    """Whether the text matches could not be found out in time."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text has the form of the pattern. Raises `NotMatched`."""
    if ways(pattern, len(text)) <= MOST_WAYS:
        return re.fullmatch(pattern, text) is not None
    try:
        return bool(_child.call({"pattern": pattern, "text": text})["matches"])
    except ChildFailed as failed:
        log.warning("The pattern %r could not be tried on a text of %d characters: %s", pattern, len(text), failed)
        raise NotMatched from failed


def work(asked: dict[str, Any]) -> dict[str, Any]:
    """What the child does."""
    return {"matches": re.fullmatch(asked["pattern"], asked["text"]) is not None}


def ways(pattern: str, length: int) -> float:
    """At most how many ways there are to lay the pattern over a text; infinite where they are not simply counted."""
    pieces = _pieces(pattern)
    if pieces is None:
        return float("inf")
    count = 1
    for least, most in pieces:
        count *= max(1, min(length if most is None else most, length) - least + 1)
    return count


def repeats_a_repetition(pattern: str) -> bool:
    """Whether something that is repeated holds a repetition, as in `(a+)+`: the way for ever is short from there."""
    inside = [False]  # for each open group, whether there is a repetition in it
    closed = False  # the group that has just ended held one
    for part in _PART.findall(pattern):
        repetition = part in ("*", "+") or (part[0] == "{" and len(part) > 1)
        if repetition and closed:
            return True
        closed = False
        if part[0] == "(" and part[-1] != ")":
            inside.append(False)
        elif part == ")" and len(inside) > 1:
            closed = inside.pop()
            inside[-1] = inside[-1] or closed
        inside[-1] = inside[-1] or repetition
    return False


@lru_cache(maxsize=256)
def _pieces(pattern: str) -> tuple[tuple[int, int | None], ...] | None:
    """How often each character of a plain pattern may stand, one after the other; None for one with more to it."""
    rest = pattern.removeprefix("^")
    rest = rest[:-1] if re.search(r"(?<!\\)(?:\\\\)*\$$", rest) else rest
    pieces: list[tuple[int, int | None]] = []
    while rest:
        piece = _PIECE.match(rest)
        if piece is None:
            return None
        pieces.append(_often(*piece.groups()))
        rest = rest[piece.end() :]
    return tuple(pieces)


def _often(least: str | None, comma: str | None, most: str | None, mark: str | None) -> tuple[int, int | None]:
    if mark:
        return (1 if mark == "+" else 0), (1 if mark == "?" else None)
    if least is None:
        return 1, 1
    return int(least), (int(most) if most else None) if comma else int(least)
