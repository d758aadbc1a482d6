"""Reading `workflows.yaml`, or a folder of such files merged by key.

`load_text`, `load_file` give a `Loaded`: the desk, if the file can be run, and everything that was found. `check`
finds more. Opens no database, needs no setting, calls nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from helpdesk.workflows import references
from helpdesk.workflows.findings import Finding, found, in_order
from helpdesk.workflows.nodes import Node, Pairs, RefusedError, Text, parse
from helpdesk.workflows.reader import Reader
from helpdesk.workflows.resolve import resolve
from helpdesk.workflows.scalars import Places, Use
from helpdesk.workflows.schema import Desk, Position

ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class Loaded:
    """`desk` is None while there are errors; `draft` is what could be read all the same, for more checks and for the
    editor.
    """

    desk: Desk | None
    findings: list[Finding]
    draft: Desk | None = None
    uses: list[Use] = field(default_factory=list)
    places: Places = field(default_factory=Places)


def load_text(text: str | bytes, file: str = "workflows.yaml", *, allow_later: bool = False) -> Loaded:
    """Read one text. `allow_later` lets parts pass that this version cannot do yet."""
    return load_texts({file: text}, allow_later=allow_later)


def load_file(path: str | FilePath, *, allow_later: bool = False) -> Loaded:
    """Read a file, or every .yaml of a folder. Raises OSError if it cannot be read at all."""
    return load_texts(read_texts(path), allow_later=allow_later)


def read_texts(path: str | FilePath) -> dict[str, bytes]:
    """The bytes of the file, or of the folder's files in the order of their names."""
    path = FilePath(path)
    if not path.is_dir():
        return {str(path): path.read_bytes()}
    return {str(one): one.read_bytes() for one in sorted(path.iterdir()) if one.suffix in ENDINGS and one.is_file()}


def load_texts(texts: Mapping[str, str | bytes], *, allow_later: bool = False) -> Loaded:
    """Read several texts as one desk, by the names of their files."""
    start = Position(next(iter(texts), "workflows.yaml"), 1, 1)
    try:
        root = _merged([parse(text, file) for file, text in texts.items()])
    except RefusedError as refused:
        return Loaded(None, [refused.finding])
    if root is None:
        return Loaded(None, [found("empty", "The file is empty.", at=start)])
    reader = Reader(allow_later=allow_later)
    draft: Desk = reader.element(Desk, root, path=(), at=start)
    draft, findings = resolve(draft, reader.places)
    unread = any(finding.path == "version" for finding in reader.findings)
    findings = in_order(
        [
            *reader.findings,
            *findings,
            *_version(draft, reader.places, unread=unread),
            *references.check(draft, reader.uses),
        ]
    )
    broken = any(finding.severity == "error" for finding in findings)
    return Loaded(None if broken else draft, findings, draft, reader.uses, reader.places)


def _version(desk: Desk, places: Places, *, unread: bool) -> list[Finding]:
    at = places.values.get(("version",))
    if at is None or desk.version == 1 or unread:
        return []
    return [found("unknown_version", "This program reads version 1 of the language.", at=at, path=("version",))]


def _merged(roots: list[Node | None]) -> Node | None:
    whole: Node | None = None
    for root in roots:
        whole = whole or root if whole is None or root is None else _merge(whole, root, ())
    return whole


def _merge(one: Node, other: Node, path: tuple[str, ...]) -> Node:
    """Two mappings become one; what is said in both must be a mapping again. Depth is bounded by the parser."""
    if path == ("version",) and isinstance(one, Text) and isinstance(other, Text) and one.text == other.text:
        return one
    if not (isinstance(one, Pairs) and isinstance(other, Pairs)):
        first = f"first in {one.at.file}, line {one.at.line}"
        name = path[-1] if path else "The file"
        raise RefusedError(found("duplicate_key", f"“{name}” is said twice; {first}.", at=other.at, path=path))
    for key, (at, node) in other.pairs.items():
        if key in one.pairs:
            one.pairs[key] = (one.pairs[key][0], _merge(one.pairs[key][1], node, (*path, key)))
        else:
            one.pairs[key] = (at, node)
    return one
