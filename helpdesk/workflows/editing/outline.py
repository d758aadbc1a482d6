"""The parts of a workflow's text that have a name, with their lines: for jumping there, for marking the one at the
cursor, and for offering names while somebody types. Works on a text that can be read as YAML, sound or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helpdesk.workflows.editing.spans import Entry, Mapped, Path, Scalar, Span, at, child, line_of, read

NAMED = ("roles", "groups", "calendars", "fields", "replies", "emails", "webhooks", "routing", "sources", "workflows")


def outline(texts: Mapping[str, str]) -> dict[str, Any]:
    """`parts`: path, file, first and last line of everything with a name; `names`: the names by their section, states
    and actions by their workflow. Raises `nodes.RefusedError`.
    """
    parts: list[dict[str, Any]] = []
    names: dict[str, Any] = {section: {} for section in NAMED} | {"states": {}, "actions": {}}
    for file, text in texts.items():
        root = read(text)
        for path, entry in _named(root):
            last = text[: entry.value.end].rstrip()
            lines = {"line": line_of(text, entry.start), "end": line_of(text, max(len(last), entry.end))}
            parts.append({"path": list(path), "file": file, **lines, "label": _label(entry.value)})
            _note(names, path, entry.value)
    return {"parts": parts, "names": names}


def _named(root: Span | None) -> Iterator[tuple[Path, Entry]]:
    for section in NAMED:
        held = child(root, section)
        for name, entry in held.entries.items() if isinstance(held, Mapped) else ():
            yield (section, name), entry
            if section == "workflows":
                for kind in ("states", "actions"):
                    inner = at(entry.value, (kind,))
                    for each, part in inner.entries.items() if isinstance(inner, Mapped) else ():
                        yield (section, name, kind, each), part


def _note(names: dict[str, Any], path: Path, value: Span) -> None:
    if len(path) == 4:
        names[path[2]].setdefault(path[1], {})[path[3]] = _label(value)
    else:
        names[path[0]][path[1]] = _label(value)


def _label(of: Span) -> str:
    label = child(of, "label")
    return label.value if isinstance(label, Scalar) else ""
