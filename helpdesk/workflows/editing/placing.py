"""Putting a value into a text: in the place of the old one, behind the last of its neighbours, or with the mapping it
belongs to. For `change`, which proves the result.
"""

from __future__ import annotations

from typing import Any

from helpdesk.errors import NotPossible
from helpdesk.workflows.editing import lines, writing
from helpdesk.workflows.editing.spans import Entry, Listed, Mapped, Path, Scalar, Span, at

BY_HAND = "This part is written in a way that the form cannot change safely. Change it in the text."


def placed(text: str, root: Span | None, path: Path, value: Any, *, in_lines: bool = False) -> str:
    if root is None:
        return f"{text.rstrip()}\n{writing.entry(path[0], _nested(path[1:], value), 0)}\n".lstrip("\n")
    holder, key = at(root, path[:-1]), path[-1]
    if holder is None or (isinstance(holder, Scalar) and not holder.value):
        return placed(text, root, path[:-1], _nested(path[-1:], value))
    if isinstance(holder, Mapped):
        found = holder.entries.get(key)
        return _replace(text, holder, found, value) if found else _add(text, holder, key, value, in_lines=in_lines)
    if isinstance(holder, Listed) and key.isdecimal():
        number = int(key)
        return _swap(text, holder, number, value) if number < len(holder.items) else _append(text, holder, value)
    raise NotPossible(BY_HAND)


def _nested(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = [value] if step == "0" else {step: value}
    return value


def _replace(text: str, holder: Mapped, entry: Entry, value: Any) -> str:
    """Another value behind the same key."""
    old = entry.value
    if _in_place(text, old, value):
        quote = old.style if isinstance(old, Scalar) else ""
        new = writing.flow(value, quote=quote, inside=holder.flow)
        gap = "" if old.start > entry.end and text[old.start - 1] in " \n" else " "
        return text[: old.start] + gap + new + text[old.end :]
    if holder.flow:
        return text[: old.start] + writing.flow(value) + text[old.end :]
    if isinstance(old, Listed) and (shorter := _same_order(text, old, value)) is not None:
        return shorter
    colon = text.index(":", entry.end)
    return text[: colon + 1] + writing.below(value, lines.column(text, entry.start)) + _after(text, old)


def _in_place(text: str, old: Span, value: Any) -> bool:
    """Whether the new value can stand where the old one stood, on the same line."""
    if isinstance(value, dict | list | tuple):
        return old.flow
    one_line = isinstance(old, Scalar) and old.style not in ("|", ">") and "\n" not in text[old.start : old.end]
    return one_line and "\n" not in str(value)


def _same_order(text: str, old: Listed, value: Any) -> str | None:
    """A list of lines that lost some items or got more at its end, its other lines untouched."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(item, Scalar) for item in old.items):
        return None
    wanted = [writing.plain(one) for one in value]
    kept = [item for item in old.items if item.plain() in wanted]
    if not kept or [item.plain() for item in kept] != wanted[: len(kept)]:
        return None
    more = "".join(f"\n{' ' * lines.dash(text, old.items[0])}{writing.item(one, 0)}" for one in value[len(kept) :])
    end = lines.line_end(text, old.items[-1].end)
    text = text[:end] + more + text[end:]
    for item in reversed(old.items):
        if item not in kept:
            text = lines.without_lines(text, item.start, item.end)
    return text


def _add(text: str, holder: Mapped, key: str, value: Any, *, in_lines: bool = False) -> str:
    """One key more, at the end of its mapping."""
    if holder.flow:
        new = f"{writing.flow(key)}: {writing.flow(value)}"
        last = max((entry.value.end for entry in holder.entries.values()), default=holder.start + 1)
        return text[:last] + (", " if holder.entries else "") + new + text[last:]
    column = lines.column(text, next(iter(holder.entries.values())).start)
    end = lines.line_end(text, holder.end)
    return text[:end] + "\n" + " " * column + writing.entry(key, value, column, lines=in_lines) + text[end:]


def _append(text: str, holder: Listed, value: Any) -> str:
    if holder.flow:
        last = holder.items[-1].end if holder.items else holder.start + 1
        return text[:last] + (", " if holder.items else "") + writing.flow(value) + text[last:]
    column = lines.dash(text, holder.items[0])
    end = lines.line_end(text, holder.end)
    return text[:end] + "\n" + " " * column + writing.item(value, column) + text[end:]


def _swap(text: str, holder: Listed, number: int, value: Any) -> str:
    old = holder.items[number]
    if not (holder.flow or _in_place(text, old, value) or isinstance(old, Scalar)):
        raise NotPossible(BY_HAND)
    return text[: old.start] + writing.flow(value, inside=holder.flow or isinstance(value, dict)) + text[old.end :]


def _after(text: str, old: Span) -> str:
    """What follows a value that is replaced by lines of its own."""
    rest = text[old.end :]
    return rest if rest.startswith("\n") or not rest or not text[old.start : old.end].endswith("\n") else "\n" + rest
