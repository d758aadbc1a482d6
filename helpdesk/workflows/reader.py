"""From the tree of a file to the dataclasses of `schema`: every key known, every value read by the type its key
wants.

Called by `load`. It never stops at a finding: what cannot be read becomes the key's default, so that one mistake does
not hide the next, and everything that names something (`Use`) is noted for the checks that look names and templates
up.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from helpdesk.workflows import kinds, rewriting, words
from helpdesk.workflows.findings import Severity, nearly
from helpdesk.workflows.nodes import Items, Node, Pairs, Text
from helpdesk.workflows.scalars import BROKEN, Path, Scalars
from helpdesk.workflows.schema import Action, Assign, Duration, Element, InputSpec, Position, Service, Source
from helpdesk.workflows.shapes import Key, Shape, keys_of
from helpdesk.workflows.texts import FIELD_NAME, NAME

_EMPTY: dict[str, Any] = {"text": "", "int": 0, "bool": False, "decimal": Decimal(0), "one_of": "", "raw": None}


class Reader(Scalars):
    """Reads one tree; afterwards `findings`, `uses` and `places` hold what was met."""

    # Elements

    def element(self, cls: type[Any], node: Node, *, path: Path, at: Position, name: str = "") -> Any:
        """An instance of `cls`; `at` is where its key stands, which is where a missing key is reported."""
        if isinstance(node, Text) and hasattr(cls, "short"):
            node = Pairs(node.at, {cls.short: (node.at, node)}, short=True)
        if not isinstance(node, Pairs):
            sentence = f"{_upper(_called(path))} must be a mapping of keys and values."
            self._wrong(node, path, sentence, rewriting.as_mapping(node, cls, name))
            node, missing_matters = Pairs(at), False
        else:
            missing_matters = True
        keys = keys_of(cls)
        options, option_keys = self._options(cls, node, path)
        values: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for word, (key_at, child) in node.pairs.items():
            here = path if node.short else (*path, word)
            self.places.values[here] = child.at
            self.places.keys.setdefault(here, key_at)
            known = keys.get(word) or option_keys.get(word)
            if known is None:
                if option_keys is not _ANYTHING:
                    self._unknown_key(word, {**keys, **option_keys}, here, key_at)
                continue
            owner = cls if word in keys else options
            self._later(f"{owner.__name__}.{word}", child, here, key_at)
            value = self._value(known, child, here, owner)
            if value is not BROKEN:
                (values if word in keys else extra)[known.attribute] = value
        if missing_matters:
            self._missing({**keys, **option_keys}, node, path, at)
        self._neutral(keys, values)
        if options is not None:
            self._neutral(option_keys, extra)
            values["options"] = self._build(options, extra, path, at)
        if issubclass(cls, Element):
            if "name" not in keys:
                values["name"] = name
            values |= {"at": at, "path": path}
        return cls(**values)

    def _options(self, cls: type[Any], node: Pairs, path: Path) -> tuple[Any, dict[str, Key]]:
        """The class that holds the keys which only this type of action or source has."""
        key, registry = self._registry(cls, path)
        word = node.pairs.get(key, (None, None))[1]
        if registry is None:
            return None, {}
        if not isinstance(word, Text):
            return None, _ANYTHING
        kind = registry.find(word.text)
        if kind is None:
            known = registry.names()
            self._say(
                f"unknown_{registry.noun.replace(' ', '_')}",
                f"There is no {registry.noun} “{word.text[:60]}”.",
                word.at,
                (*path, key),
                self._meant(word.text, known, words.TYPES) or f"There are {', '.join(sorted(known))}.",
            )
            return None, _ANYTHING
        common = keys_of(cls)
        return kind, {name: key for name, key in keys_of(kind).items() if name not in common}

    def _registry(self, cls: type[Any], path: Path) -> tuple[str, kinds.Registry | None]:
        """The key that chooses the kind of an element, and where the kinds are known."""
        if cls is Service:
            return "driver", kinds.services.get(path[-1])
        return "type", {Action: kinds.actions, Source: kinds.channels}.get(cls)

    def _build(self, options: type[Any], values: dict[str, Any], path: Path, at: Position) -> Any:
        if issubclass(options, Element):
            values |= {"name": path[-1] if path else "", "at": at, "path": path}
        try:
            return options(**values)
        except ValueError as problem:  # a type may look at its options together and answer with a sentence
            self._say("bad_option", str(problem), at, path)
            return None

    def _missing(self, keys: dict[str, Key], node: Pairs, path: Path, at: Position) -> None:
        for key in keys.values():
            if key.required and key.name not in node.pairs:
                owner = _called(path)
                self._say("missing_key", f"{_upper(owner)} needs the key “{key.name}”.", at, path)

    def _neutral(self, keys: Any, values: dict[str, Any]) -> None:
        """Give every required key that could not be read an empty value of its type."""
        for key in keys.values():
            if key.required and key.attribute not in values:
                values[key.attribute] = self._empty(key.shape)

    def _empty(self, shape: Shape) -> Any:
        if shape.kind == "list":
            return ()
        if shape.kind == "mapping":
            return {}
        if shape.kind == "duration":
            return Duration(1, "d")
        if shape.kind == "element" and shape.element:
            quiet = Reader()
            return quiet.element(shape.element, Pairs(Position("", 1, 1)), path=(), at=Position("", 1, 1))
        return _EMPTY[shape.kind]

    # Values

    def _value(self, key: Key, node: Node, path: Path, owner: Any) -> Any:
        shape = key.shape
        if shape.means in ("inputs", "carried fields", "fields in place"):
            return self._list(Shape("list", of=Shape("element", element=InputSpec)), node, path, owner, inputs=True)
        if shape.means == "one or many" and isinstance(node, Text):
            node = Items(node.at, [node])
            return self._list(shape, node, path, owner, numbered=False)
        if shape.means == "assign":
            return self._assign(shape, node, path)
        if shape.kind == "mapping":
            return self._mapping(key.name, shape, node, path, owner)
        return self._by_shape(shape, node, path, owner)

    def _by_shape(self, shape: Shape, node: Node, path: Path, owner: Any) -> Any:
        if shape.kind == "list":
            return self._list(shape, node, path, owner)
        if shape.kind == "element" and shape.element:
            at = self.places.keys.get(path, node.at)
            return self.element(shape.element, node, path=path, at=at)
        if shape.kind == "raw":
            return self._raw(node)
        if shape.kind == "mapping":
            return self._mapping("", shape, node, path, owner)
        return self._scalar(shape, node, path, owner)

    def _list(
        self, shape: Shape, node: Node, path: Path, owner: Any, *, inputs: bool = False, numbered: bool = True
    ) -> Any:
        if not isinstance(node, Items):
            self._wrong(node, path, f"“{path[-1]}” must be a list.", rewriting.as_list(node, names=inputs))
            return BROKEN
        of = self._inner(shape)
        values: list[Any] = []
        said: set[str] = set()
        for number, item in enumerate(node.items):
            here = (*path, str(number)) if numbered else path
            self.places.values.setdefault(here, item.at)
            if inputs and isinstance(item, Text):
                named = Pairs(item.at, {"use": (item.at, item)}, short=True)
                value = self.element(InputSpec, named, path=here, at=item.at)
            else:
                value = self._by_shape(of, item, here, owner)
            if isinstance(value, str) and value in said:
                what = f"“{value[:60]}” stands in this list a second time."
                severity: Severity = "warning" if of.kind == "text" and "expect" in path else "error"
                self._say("said_twice", what, item.at, here, severity=severity)
            elif value is not BROKEN:
                values.append(value)
                if isinstance(value, str):
                    said.add(value)
        return tuple(values)

    def _inner(self, shape: Shape) -> Shape:
        return shape.of or Shape("raw")

    def _mapping(self, word: str, shape: Shape, node: Node, path: Path, owner: Any) -> Any:
        if shape.means == "raw":
            return self._kept(node, path)
        if not isinstance(node, Pairs):
            sentence = f"“{path[-1]}” must be a mapping of names and what they mean."
            self._wrong(node, path, sentence, rewriting.as_names(node, of=self._inner(shape)))
            return BROKEN
        of = self._inner(shape)
        values = {}
        for name, (key_at, child) in node.pairs.items():
            here = (*path, name)
            self.places.keys[here], self.places.values[here] = key_at, child.at
            self._check_name(name, word, here, key_at, strict=of.kind == "element")
            if of.kind == "element" and of.element:
                values[name] = self.element(of.element, child, path=here, at=key_at, name=name)
            else:
                value = self._by_shape(of, child, here, owner)
                if value is not BROKEN:
                    values[name] = value
        return values

    def _check_name(self, name: str, word: str, path: Path, at: Position, *, strict: bool) -> None:
        if word == "languages":
            self._form("language", name, path, at)
        elif not strict:
            if not name or len(name) > 100:
                self._say("bad_name", "A key has between 1 and 100 characters.", at, path)
        elif not (FIELD_NAME if word == "fields" else NAME).fullmatch(name):
            letters = (
                "letters, digits and underscores" if word == "fields" else "letters, digits, hyphens and underscores"
            )
            hint = rewriting.as_name(name, hyphens=word != "fields")
            self._say("bad_name", f"A name begins with a letter and has only {letters}, at most 60.", at, path, hint)

    def _assign(self, shape: Shape, node: Node, path: Path) -> Any:
        if isinstance(node, Text):
            if node.text not in Assign.words:
                hint = self._meant(node.text, Assign.words) or rewriting.as_assignment(node.text)
                self._say("unknown_value", f"“{node.text[:60]}” is no way to assign.", node.at, path, hint)
                return BROKEN
            return Assign(how=node.text, at=node.at, path=path)
        given = self.element(Assign, node, path=path, at=self.places.keys.get(path, node.at))
        if (given.user is None) == (given.group is None) or (given.user is not None and given.by is not None):
            if isinstance(node, Pairs):
                self._say("bad_assign", "Assign to either {user: …} or {group: …, by: …}.", node.at, path)
            return BROKEN
        return dataclasses.replace(given, how="user" if given.user is not None else "group")

    def _kept(self, node: Node, path: Path) -> Any:
        """Names and values as they are written, for whoever knows what they mean."""
        if not isinstance(node, Pairs):
            return self._wrong(node, path, f"“{path[-1]}” must be a mapping of names and values.")
        for name, (key_at, child) in node.pairs.items():
            here = (*path, name)
            self.places.keys[here], self.places.values[here] = key_at, child.at
        return self._raw(node)

    def _raw(self, node: Node) -> Any:
        if isinstance(node, Text):
            return node.text
        if isinstance(node, Items):
            return tuple(self._raw(item) for item in node.items)
        return {name: self._raw(child) for name, (_, child) in node.pairs.items()}

    def _later(self, key: str, node: Node, path: Path, at: Position) -> None:
        self._not_yet(key, path, at, unless=isinstance(node, Text) and node.text == "false")
        if isinstance(node, Text):
            self._not_yet(f"{key}={node.text}", path, node.at)

    def _unknown_key(self, word: str, keys: dict[str, Key], path: Path, at: Position) -> None:
        meant = self._meant(word, keys)
        near = meant if nearly(word, keys) else ""
        hint = near or rewriting.where_it_belongs(word, keys) or meant or f"There are {', '.join(keys)}."
        self._say("unknown_key", f"“{word[:60]}” is no key of {_called(path[:-1])}.", at, path, hint)


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]


def _called(path: Path) -> str:
    """What an element is called in a sentence."""
    if not path:
        return "the file"
    return f"an entry of “{path[-2]}”" if path[-1].isdecimal() and len(path) > 1 else f"“{path[-1]}”"


_ANYTHING: dict[str, Key] = {}  # of a type that is not known, or not yet, the keys are not looked at
