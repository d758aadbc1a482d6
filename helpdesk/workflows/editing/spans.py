"""Where each part of a workflow's text begins and ends, to the character: what the editor needs to mark and to change
one part and leave every other character alone.

`read` refuses what `nodes.parse` refuses, so nothing hostile is ever looked at twice. The reader of the language knows
only where things begin, which is all a finding needs; this knows their ends, and whether they are written in braces.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from helpdesk.workflows.nodes import LOADER, parse

Plain = str | list["Plain"] | dict[str, "Plain"]
Path = tuple[str, ...]


@dataclass(slots=True)
class Span(ABC):
    """One value: text[start:end]. A collection in block style ends where its last value does. `flow`: in brackets."""

    start: int
    end: int
    flow: bool = False

    @abstractmethod
    def plain(self) -> Plain:
        """What it says, without where it stands."""


@dataclass(slots=True)
class Scalar(Span):
    value: str = ""
    style: str = ""  # of the YAML: nothing, ' " | >

    def plain(self) -> Plain:
        return self.value


@dataclass(slots=True)
class Listed(Span):
    items: list[Span] = field(default_factory=list)

    def plain(self) -> Plain:
        return [item.plain() for item in self.items]


@dataclass(slots=True)
class Entry:
    """A key and its value; text[start:end] is the key alone."""

    start: int
    end: int
    value: Span


@dataclass(slots=True)
class Mapped(Span):
    entries: dict[str, Entry] = field(default_factory=dict)

    def plain(self) -> Plain:
        return {key: entry.value.plain() for key, entry in self.entries.items()}


@lru_cache(maxsize=8)
def read(text: str) -> Span | None:
    """The tree of one text; None where it holds nothing. Raises `nodes.RefusedError`. Nobody changes a tree, so the
    same text is read once.
    """
    parse(text, "")  # size, depth, aliases, tags, doubled keys: said once, there
    events = iter(yaml.parse(text, LOADER))
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            return _node(event, events)
    return None


def at(root: Span | None, path: Path) -> Span | None:
    """The value at a path, lists by the number of the item."""
    here = root
    for step in path:
        here = child(here, step)
    return here


def child(of: Span | None, step: str) -> Span | None:
    if isinstance(of, Mapped):
        entry = of.entries.get(step)
        return entry.value if entry else None
    if isinstance(of, Listed) and step.isdecimal() and int(step) < len(of.items):
        return of.items[int(step)]
    return None


def line_of(text: str, offset: int) -> int:
    """The line, from 1, as an editor counts them."""
    return text.count("\n", 0, offset) + 1


def _node(event: Any, events: Iterator[Any]) -> Span:
    """A value with all that is in it. Depth was bounded by `parse`."""
    start = event.start_mark.index
    if isinstance(event, yaml.SequenceStartEvent):
        listed = Listed(start, start, bool(event.flow_style))
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            listed.items.append(_node(inner, events))
        listed.end = _end(listed, [item.end for item in listed.items], inner)
        return listed
    if isinstance(event, yaml.MappingStartEvent):
        mapped = Mapped(start, start, bool(event.flow_style))
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            value = _node(next(events), events)
            mapped.entries[inner.value] = Entry(inner.start_mark.index, inner.end_mark.index, value)
        mapped.end = _end(mapped, [entry.value.end for entry in mapped.entries.values()], inner)
        return mapped
    return Scalar(start, event.end_mark.index, False, event.value, event.style or "")


def _end(of: Span, ends: list[int], closing: Any) -> int:
    return int(closing.end_mark.index) if of.flow or not ends else max(ends)
