"""Taking a part out of a text with its own lines, or out of brackets with its comma. For `change`, which proves the
result.
"""

from __future__ import annotations

from helpdesk.errors import NotPossible
from helpdesk.workflows.editing import lines
from helpdesk.workflows.editing.placing import BY_HAND
from helpdesk.workflows.editing.spans import Listed, Mapped, Path, Span, at


def dropped(text: str, root: Span | None, path: Path) -> str:
    holder, key = at(root, path[:-1]), path[-1]
    if isinstance(holder, Mapped):
        entry = holder.entries[key]
        others = [each.start for each in holder.entries.values()]
        if holder.flow:
            return _cut(text, entry.start, entry.value.end, others)
        if text[lines.line_start(text, entry.start) : entry.start].strip():  # it shares its line with a dash
            later = min(start for start in others if start > entry.start)
            return text[: entry.start] + text[later:]
        return lines.without_lines(text, entry.start, entry.value.end)
    if isinstance(holder, Listed):
        item = holder.items[int(key)]
        if holder.flow:
            return _cut(text, item.start, item.end, [each.start for each in holder.items])
        return lines.without_lines(text, item.start, item.end)
    raise NotPossible(BY_HAND)


def lonely(root: Span | None, path: Path) -> Path:
    """The outermost thing that would be empty without what stands at the path."""
    while len(path) > 1:
        holder = at(root, path[:-1])
        size = (
            len(holder.entries)
            if isinstance(holder, Mapped)
            else len(holder.items)
            if isinstance(holder, Listed)
            else 0
        )
        if size != 1:
            return path
        path = path[:-1]
    return path


def _cut(text: str, start: int, end: int, starts: list[int]) -> str:
    """Out of brackets, with the comma that parted it from its neighbour."""
    later = [each for each in starts if each > start]
    if later:
        return text[:start] + text[min(later) :]
    comma = text.rindex(",", 0, start)
    return text[:comma] + text[end:]
