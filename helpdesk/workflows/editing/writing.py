"""Values as YAML: on one line in brackets, or as lines below a key. Texts stand plain where that reads back as the same
text, and quoted where not.

Values are texts, numbers, yes and no, lists and mappings; called by `change`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from helpdesk.workflows.editing.spans import Plain
from helpdesk.workflows.nodes import LOADER

WIDE = 110  # characters that a value in brackets may take before it becomes lines of its own


def plain(value: Any) -> Plain:
    """The value as reading it back will give it."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def flow(value: Any, *, quote: str = "", inside: bool = True) -> str:
    """On one line. `quote`: how it was quoted before; `inside`: it stands in brackets, where commas mean something."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(str(key))}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    text = str(plain(value))
    if not quote and _reads_back(text, inside=inside):
        return text
    if "\n" in text or quote == '"' or not text.isprintable():
        return _quoted(text)
    return "'" + text.replace("'", "''") + "'" if '"' in text or "\\" in text or quote == "'" else _quoted(text)


def entry(key: str, value: Any, column: int, *, lines: bool = False) -> str:
    """`key: value` as lines; the first is not indented, the others stand at `column` and deeper. `lines`: a line for
    each key, however short they are.
    """
    return f"{flow(key, inside=False)}:{below(value, column, lines=lines)}"


def below(value: Any, column: int, *, lines: bool = False) -> str:
    """What follows the colon of a key at `column`: a space and the value, or lines of their own."""
    text = plain(value)
    if isinstance(text, str):
        return _lines(text, column) if "\n" in text.strip("\n") else f" {flow(value, inside=False)}"
    short = flow(value)
    if not text or not (lines or len(short) + column > WIDE or _is_deep(text) or "\\n" in short):
        return f" {short}"
    pad = "\n" + " " * (column + 2)
    if isinstance(value, Mapping):
        return "".join(pad + entry(str(key), one, column + 2) for key, one in value.items())
    return "".join(pad + item(one, column + 2) for one in value)


def item(value: Any, column: int) -> str:
    """`- value` as lines; the dash is not indented."""
    short = flow(value, inside=isinstance(value, Mapping | list))
    if not isinstance(value, Mapping) or (len(short) + column <= WIDE and "\\n" not in short):
        return f"- {short}"
    pad = "\n" + " " * (column + 2)
    return "- " + pad.join(entry(str(key), one, column + 2) for key, one in value.items())


def _lines(text: str, column: int) -> str:
    """A text of several lines, as it is."""
    clean = "\n".join(line.rstrip() for line in text.split("\n"))
    if clean != text or text.startswith((" ", "\n")):
        return f" {_quoted(text)}"
    pad = " " * (column + 2)
    keep = "" if text.endswith("\n") and not text.endswith("\n\n") else "+" if text.endswith("\n") else "-"
    body = "\n".join(pad + line if line else "" for line in text.removesuffix("\n").split("\n"))
    return f" |{keep}\n{body}"


def _is_deep(value: Plain) -> bool:
    """A mapping of mappings reads better as lines."""
    return isinstance(value, dict) and any(isinstance(one, dict) for one in value.values())


def _reads_back(text: str, *, inside: bool) -> bool:
    """Whether the text, unquoted, is read as itself, here and by programs that know more types than we do."""
    if not text or not text.isprintable() or text.lower() in ("null", "~", "yes", "no", "on", "off", "y", "n"):
        return False
    try:
        events = list(yaml.parse(f"[{text}]" if inside else f"k: {text}", LOADER))
    except yaml.YAMLError:
        return False
    scalars = [event for event in events if isinstance(event, yaml.ScalarEvent)]
    wanted = 1 if inside else 2
    last: Any = scalars[-1] if scalars else None
    return (
        len(scalars) == wanted and len(events) == wanted + 6 and last.value == text and not last.style and not last.tag
    )


def _quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(c) or (c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'
