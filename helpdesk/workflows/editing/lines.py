"""Lines of a text by the places in it. For `placing` and `cutting`."""

from __future__ import annotations

from helpdesk.workflows.editing.spans import Span


def without_lines(text: str, start: int, end: int) -> str:
    return text[: line_start(text, start)] + text[line_end(text, end) + 1 :]


def line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def line_end(text: str, offset: int) -> int:
    """The end of the line on which something ends; a text in lines of its own ends behind its last line break."""
    if offset > 0 and text[offset - 1] == "\n":
        offset = len(text[:offset].rstrip("\n"))
    found = text.find("\n", offset)
    return len(text) if found < 0 else found


def column(text: str, offset: int) -> int:
    return offset - line_start(text, offset)


def dash(text: str, item: Span) -> int:
    return text.rindex("-", 0, item.start) - line_start(text, item.start)
