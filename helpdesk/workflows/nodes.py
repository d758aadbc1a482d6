"""YAML as a tree of texts, lists and mappings with positions; hostile files are refused before anything is built of
them.

Called by `load`, and by the editor's `spans`. It works on PyYAML's events, never on its constructors: no tag is ever
acted upon, no alias resolved, and depth and size are counted while reading, so neither recursion nor memory can run
away. Values stay the text they are in the file; what a text means is decided by the key it stands under (`reader`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from helpdesk.workflows import syntax
from helpdesk.workflows.findings import Finding, found
from helpdesk.workflows.schema.base import Position

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 150_000  # a desk of 5,000 lines has some 40,000; a megabyte of commas has more than anybody waits for

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\u202c\u202f-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Text:
    at: Position
    text: str
    quoted: bool = False


@dataclass(slots=True)
class Items:
    at: Position
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Pairs:
    """A mapping in the order of the file; keys have their own position. `short`: only its one value was written."""

    at: Position
    pairs: dict[str, tuple[Position, Node]] = field(default_factory=dict)
    short: bool = False


Node = Text | Items | Pairs


class RefusedError(Exception):
    """The file is not read any further."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def parse(source: bytes | str, file: str) -> Node | None:
    """The tree of one file, None if it holds nothing. Raises `RefusedError` at what is no plain YAML."""
    text = _readable(source, file)
    try:
        return _Builder(file).build(_events(text))
    except yaml.MarkedYAMLError as problem:
        sentence, where = syntax.explained(problem, text)
        raise RefusedError(found("yaml_syntax", sentence, at=Position(file, *where))) from problem
    except yaml.YAMLError as problem:
        raise RefusedError(found("yaml_syntax", "This is not readable as YAML.", at=Position(file, 1, 1))) from problem


def _readable(source: bytes | str, file: str) -> str:
    start = Position(file, 1, 1)
    try:
        raw = source if isinstance(source, bytes) else source.encode()
        if len(raw) > MAX_BYTES:
            raise RefusedError(found("too_big", "The file is larger than 1 MB.", at=start))
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = problem.object[: problem.start].removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
        hint = "Save it again with the encoding UTF-8."
        raise RefusedError(
            found("not_utf8", "The file is not UTF-8 text.", at=_end_of(before, file), hint=hint)
        ) from problem
    except UnicodeError as problem:
        raise RefusedError(found("not_utf8", "The file is not UTF-8 text.", at=start)) from problem
    if odd := _UNPRINTABLE.search(text):
        at = _end_of(text[: odd.start()], file)
        raise RefusedError(found("control_character", f"There is an invisible character U+{ord(odd[0]):04X}.", at=at))
    return text


def _end_of(before: str, file: str) -> Position:
    return Position(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _events(text: str) -> Iterator[yaml.Event]:
    loader = LOADER(text)
    try:
        while True:
            event = loader.get_event()
            yield event
            if isinstance(event, yaml.StreamEndEvent):
                return
    finally:
        loader.dispose()


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.nodes = 0
        self.open: list[Items | Pairs] = []
        self.keys: list[tuple[str, Position] | None] = []  # beside each open node: the key that waits for its value

    def build(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        for event in events:
            mark: Any = event.start_mark
            at = Position(self.file, mark.line + 1, mark.column + 1)
            node = self._node(event, at)
            if isinstance(event, yaml.DocumentStartEvent):
                self._document(event, at, root)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.open.pop()
                self.keys.pop()
            if node is None:
                continue
            if not self.open:
                root = node
            else:
                self.keys[-1] = self._put(self.open[-1], self.keys[-1], node)
            if not isinstance(node, Text):
                self.open.append(node)
                self.keys.append(None)
        return root

    def _node(self, event: yaml.Event, at: Position) -> Node | None:
        if not isinstance(event, yaml.NodeEvent):
            return None
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._refuse("too_big", "The file holds more values than a desk can need.", at)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._refuse("alias", "Anchors (&) and aliases (*) are not used here. Quote a text that begins so.", at)
        if getattr(event, "tag", None) is not None:
            self._refuse("tag", "Tags (!) are not used here. Quote a text that begins so.", at)
        if isinstance(event, yaml.ScalarEvent):
            return Text(at, event.value, quoted=event.style not in (None, ""))
        if len(self.open) >= MAX_DEPTH:
            self._refuse("too_deep", f"The file is nested deeper than {MAX_DEPTH} levels.", at)
        return Items(at) if isinstance(event, yaml.SequenceStartEvent) else Pairs(at)

    def _put(self, parent: Items | Pairs, key: tuple[str, Position] | None, node: Node) -> tuple[str, Position] | None:
        """Add `node` to `parent`; in a mapping, texts are key and value by turns. Gives the key that now waits."""
        if isinstance(parent, Items):
            parent.items.append(node)
            return None
        if key is not None:
            parent.pairs[key[0]] = (key[1], node)
            return None
        if not isinstance(node, Text):
            if isinstance(node, Pairs) and node.at.column == parent.at.column + 1:
                self._refuse("key_not_text", "A text with {{ … }} must stand in quotation marks.", parent.at)
            self._refuse("key_not_text", "A key must be one word, not a list or a mapping.", node.at)
        if node.text in parent.pairs:
            first = parent.pairs[node.text][0]
            sentence = f"“{node.text[:60]}” stands here a second time; first in line {first.line}."
            self._refuse("duplicate_key", sentence, node.at, node.text)
        return node.text, node.at

    def _document(self, event: yaml.DocumentStartEvent, at: Position, root: Node | None) -> None:
        if root is not None:
            self._refuse("second_document", "A file holds one desk; there is a second document after ---.", at)
        if event.tags:
            self._refuse("tag", "Tag directives are not used here.", at)

    def _refuse(self, code: str, sentence: str, at: Position, *key: str) -> NoReturn:
        raise RefusedError(found(code, sentence, at=at, path=(*self._path(), *key)))

    def _path(self) -> Iterator[str]:
        """Where the next node would stand."""
        for parent, key in zip(self.open, self.keys, strict=True):
            innermost = parent is self.open[-1]
            if isinstance(parent, Items):
                yield str(len(parent.items) - (0 if innermost else 1))
            elif not innermost:
                yield next(reversed(parent.pairs))
            elif key:
                yield key[0]
