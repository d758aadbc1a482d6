"""Changing one part of a workflow's text: every other character, comment and blank line stays as it is.

    put(text, ("workflows", "repair", "states", "new", "label"), "Arrived")
    drop(text, ("workflows", "repair", "states", "new", "timers", "0"))

Each answer was read back and compared: it says what was asked for and nothing else, or `NotPossible` is raised and the
text is for a person to change. Called by the editor's form view, in its child process.
"""

from __future__ import annotations

import copy
from typing import Any

from helpdesk.errors import NotPossible
from helpdesk.workflows.editing import writing
from helpdesk.workflows.editing.spans import Entry, Listed, Mapped, Path, Plain, Scalar, Span, at, read

BY_HAND = "This part is written in a way that the form cannot change safely. Change it in the text."


def put(text: str, path: Path, value: Any, *, lines: bool = False) -> str:
    """The text with this value at the path. A missing key is added at the end of its mapping, a missing mapping with
    it; the number behind the last item of a list adds one. `lines`: a new mapping gets a line for each of its keys.
    Raises `NotPossible` and `nodes.RefusedError`.
    """
    root = read(text)
    return _proven(text, _put(text, root, path, value, lines=lines), path, writing.plain(value))


def drop(text: str, path: Path) -> str:
    """The text without what stands at the path; a mapping or list that becomes empty goes as well."""
    root = read(text)
    if at(root, path) is None:
        return text
    path = _lonely(root, path)
    return _proven(text, _drop(text, root, path), path, None)


def _put(text: str, root: Span | None, path: Path, value: Any, *, lines: bool = False) -> str:
    if root is None:
        return f"{text.rstrip()}\n{writing.entry(path[0], _nested(path[1:], value), 0)}\n".lstrip("\n")
    holder, key = at(root, path[:-1]), path[-1]
    if holder is None or (isinstance(holder, Scalar) and not holder.value):
        return _put(text, root, path[:-1], _nested(path[-1:], value))
    if isinstance(holder, Mapped):
        found = holder.entries.get(key)
        return _replace(text, holder, found, value) if found else _add(text, holder, key, value, lines=lines)
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
    return text[: colon + 1] + writing.below(value, _column(text, entry.start)) + _after(text, old)


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
    more = "".join(f"\n{' ' * _dash(text, old.items[0])}{writing.item(one, 0)}" for one in value[len(kept) :])
    end = _line_end(text, old.items[-1].end)
    text = text[:end] + more + text[end:]
    for item in reversed(old.items):
        if item not in kept:
            text = _without_lines(text, item.start, item.end)
    return text


def _add(text: str, holder: Mapped, key: str, value: Any, *, lines: bool = False) -> str:
    """One key more, at the end of its mapping."""
    if holder.flow:
        new = f"{writing.flow(key)}: {writing.flow(value)}"
        last = max((entry.value.end for entry in holder.entries.values()), default=holder.start + 1)
        return text[:last] + (", " if holder.entries else "") + new + text[last:]
    column = _column(text, next(iter(holder.entries.values())).start)
    end = _line_end(text, holder.end)
    return text[:end] + "\n" + " " * column + writing.entry(key, value, column, lines=lines) + text[end:]


def _append(text: str, holder: Listed, value: Any) -> str:
    if holder.flow:
        last = holder.items[-1].end if holder.items else holder.start + 1
        return text[:last] + (", " if holder.items else "") + writing.flow(value) + text[last:]
    column = _dash(text, holder.items[0])
    end = _line_end(text, holder.end)
    return text[:end] + "\n" + " " * column + writing.item(value, column) + text[end:]


def _swap(text: str, holder: Listed, number: int, value: Any) -> str:
    old = holder.items[number]
    if not (holder.flow or _in_place(text, old, value) or isinstance(old, Scalar)):
        raise NotPossible(BY_HAND)
    return text[: old.start] + writing.flow(value, inside=holder.flow or isinstance(value, dict)) + text[old.end :]


def _drop(text: str, root: Span | None, path: Path) -> str:
    holder, key = at(root, path[:-1]), path[-1]
    if isinstance(holder, Mapped):
        entry = holder.entries[key]
        others = [each.start for each in holder.entries.values()]
        if holder.flow:
            return _cut(text, entry.start, entry.value.end, others)
        if text[_line_start(text, entry.start) : entry.start].strip():  # it shares its line with a dash
            later = min(start for start in others if start > entry.start)
            return text[: entry.start] + text[later:]
        return _without_lines(text, entry.start, entry.value.end)
    if isinstance(holder, Listed):
        item = holder.items[int(key)]
        if holder.flow:
            return _cut(text, item.start, item.end, [each.start for each in holder.items])
        return _without_lines(text, item.start, item.end)
    raise NotPossible(BY_HAND)


def _lonely(root: Span | None, path: Path) -> Path:
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


def _without_lines(text: str, start: int, end: int) -> str:
    return text[: _line_start(text, start)] + text[_line_end(text, end) + 1 :]


def _after(text: str, old: Span) -> str:
    """What follows a value that is replaced by lines of its own."""
    rest = text[old.end :]
    return rest if rest.startswith("\n") or not rest or not text[old.start : old.end].endswith("\n") else "\n" + rest


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _line_end(text: str, offset: int) -> int:
    """The end of the line on which something ends; a text in lines of its own ends behind its last line break."""
    if offset > 0 and text[offset - 1] == "\n":
        offset = len(text[:offset].rstrip("\n"))
    found = text.find("\n", offset)
    return len(text) if found < 0 else found


def _column(text: str, offset: int) -> int:
    return offset - _line_start(text, offset)


def _dash(text: str, item: Span) -> int:
    return text.rindex("-", 0, item.start) - _line_start(text, item.start)


def _proven(before: str, after: str, path: Path, value: Plain | None) -> str:
    """The new text, if reading it gives what was wanted. Raises `NotPossible`."""
    old, new = read(before), read(after)
    wanted = _changed(old.plain() if old else {}, path, value)
    if new is None or new.plain() != wanted:
        raise NotPossible(BY_HAND)
    return after


def _changed(whole: Plain, path: Path, value: Plain | None) -> Any:
    whole = copy.deepcopy(whole)
    here: Any = whole
    for number, step in enumerate(path[:-1]):
        if isinstance(here, dict) and not here.get(step):
            here[step] = [] if path[number + 1] == "0" else {}
        here = here[int(step)] if isinstance(here, list) else here[step]
    if isinstance(here, list):
        if value is None:
            del here[int(path[-1])]
        else:
            here[int(path[-1]) : int(path[-1]) + 1] = [value]
    elif value is None:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return whole
