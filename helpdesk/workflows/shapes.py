"""What the declarations of `schema` ask of a value: annotations turned into shapes, once per class.

Called by the reader, the JSON Schema and the test that every key is documented. Works on any dataclass, so the
options of a third-party action are read exactly like our own keys.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, cast

from helpdesk.workflows.schema.base import Means
from helpdesk.workflows.schema.values import Duration


@dataclass(frozen=True)
class Shape:
    """`kind` is text, int, bool, decimal, duration, one_of, list, mapping, element or raw."""

    kind: str
    means: str = ""
    of: Shape | None = None
    element: type[Any] | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Key:
    """One key of an element: its spelling in the YAML, the attribute that holds it, and what its value must be."""

    name: str
    attribute: str
    shape: Shape
    required: bool
    help: str


def keys_of(cls: type[Any]) -> Mapping[str, Key]:
    """The keys that a dataclass declares, by their spelling, in order. Empty for a class that is no dataclass."""
    return _keys_of(cast(Hashable, cls))


@cache
def _keys_of(cls: Hashable) -> Mapping[str, Key]:
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
        return {}
    hints = typing.get_type_hints(cls, include_extras=True)
    keys = {}
    for field in dataclasses.fields(cls):
        if field.init and not field.metadata.get("derived") and not field.name.startswith("_"):
            name = field.name.rstrip("_")
            required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            shape = shape_of(hints[field.name])
            keys[name] = Key(name, field.name, shape, required, field.metadata.get("help", ""))
    return keys


def shape_of(hint: Any) -> Shape:
    """The shape of one annotation; raises TypeError for one the language has no reading for."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        means = next((mark.what for mark in inner[1:] if isinstance(mark, Means)), "")
        return dataclasses.replace(shape_of(inner[0]), means=means)
    if origin in (typing.Union, types.UnionType):
        (only,) = [one for one in inner if one is not type(None)]
        return shape_of(only)
    if origin is Literal:
        return Shape("one_of", words=tuple(str(word) for word in inner))
    if origin in (tuple, list) or origin is typing.get_origin(typing.Sequence[str]):
        return Shape("list", of=shape_of(inner[0]))
    if origin in (dict, Mapping):
        return Shape("mapping", of=shape_of(inner[1]))
    return _plain(hint)


def _plain(hint: Any) -> Shape:
    simple = {str: "text", int: "int", bool: "bool", Decimal: "decimal", Duration: "duration", Any: "raw"}
    if hint in simple:
        return Shape(simple[hint])
    if dataclasses.is_dataclass(hint):
        return Shape("element", element=cast(type[Any], hint))
    raise TypeError(f"The language cannot read a value of type {hint!r}.")
