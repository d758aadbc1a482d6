"""How a quoted message announces itself: a head of `Label: value` lines, or a line like `On Monday Ann wrote:`.

Used by `quotes` alone. Everything here looks at lines as `quote_phrases.bare` leaves them and decides nothing about
what is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.text import quote_phrases as phrases

_HEAD_LINES, _ATTRIBUTION_LINES = 14, 5


def next_written(bare: Sequence[str], at: int, end: int) -> int:
    """The next line that is not blank, or `end`."""
    while at < end and not bare[at]:
        at += 1
    return at


def begins(bare: Sequence[str], at: int, end: int) -> bool:
    """Whether the head of a quoted message starts here: several `Label: value` lines that hold who and when."""
    at = next_written(bare, at, end)
    found = _labelled(bare, at, end)
    if not found or not _opens(bare[at], found[0]):
        return False
    known = sum(label in phrases.HEAD_LABELS for label in found)
    told = " ".join(bare[at : min(at + _HEAD_LINES, end)])[:4000]
    who, when = bool(phrases.ADDRESS.search(told)), bool(phrases.MOMENT.search(told))
    if len(found) >= 3:
        return known >= 4 or (known == 3 and (who or not phrases.SUBJECT_LABELS.isdisjoint(found))) or (who and when)
    first = found[0] in phrases.FROM_LABELS or found[0] in phrases.DATE_LABELS
    return len(found) == 2 and known == 2 and first and (who or when)


def _opens(line: str, label: str) -> bool:
    known = label in phrases.HEAD_LABELS
    return known or bool(phrases.ADDRESS.search(line) or phrases.MOMENT.search(line))


def _labelled(bare: Sequence[str], at: int, end: int) -> list[str]:
    """The labels from here on; one blank line between them and one line that a long value was broken into may pass."""
    found: list[str] = []
    blanks = 0
    for place in range(at, min(at + _HEAD_LINES, end)):
        label = phrases.label(bare[place])
        if label:
            found.append(label)
            blanks = 0
        elif not bare[place] and found and not blanks:
            blanks = 1
        elif len(found) != 1 or blanks:
            break
    return found


def attribution(bare: Sequence[str], at: int, end: int) -> int:
    """How many lines the attribution that starts here has; 0 for none."""
    joined = ""
    for length in range(1, _ATTRIBUTION_LINES + 1):
        place = at + length - 1
        if place >= end or (length == 1 and bare[place].startswith(">")):
            return 0
        if not bare[place]:
            if length > 1 and phrases.opens_attribution(joined):
                continue
            return 0
        joined = f"{joined} {bare[place].lstrip('> ')}".strip()
        if len(joined) > 400:
            return 0
        if phrases.is_attribution(joined):
            return length if _begins_well(bare, at, length) else 0
        if _introduces(bare, place + 1, end, joined) and (length == 1 or phrases.MOMENT.search(joined)):
            return length if _begins_well(bare, at, length) else 0
    return 0


def _introduces(bare: Sequence[str], below: int, end: int, joined: str) -> bool:
    """Whether lines of an unknown language stand right above a quote and say who or when."""
    below = next_written(bare, below, end)
    return below < end and bare[below].startswith(">") and phrases.introduces(joined)


def _begins_well(bare: Sequence[str], at: int, length: int) -> bool:
    """Whether no later line would begin it better: what stands above an attribution is the reply."""
    if length == 1 or phrases.opens_attribution(bare[at]):
        return True
    later = (" ".join(bare[begin : at + length]) for begin in range(at + 1, at + length))
    return not any(phrases.is_attribution(joined) for joined in later)
